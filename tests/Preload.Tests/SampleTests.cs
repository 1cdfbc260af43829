using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Each way of use has a small program in samples/; each is built and run here just as its own first lines say.</summary>
public sealed class SampleTests
{
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Sources { get; } = new(
        Directory.Exists(Paths.Samples)
            ? Directory.GetFiles(Paths.Samples).Where(file => Path.GetExtension(file) is ".c" or ".cc").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)
            : []);

    [Theory, MemberData(nameof(Sources))]
    public void TheSampleDoesWhatItsFirstLinesSay(string name)
    {
        Assert.SkipUnless(Preload.IsOurBuild, "samples are linked with our own build");
        var sample = new Sample(Path.Combine(Paths.Samples, name));
        foreach (string needed in sample.Needs) Assert.SkipWhen(Commands.Find(needed) is null, $"{needed} is not installed");

        foreach (string command in sample.BuildCommands)
        {
            CommandResult built = Commands.Run(["sh", "-c", command], s_limit);
            Assert.True(built.ExitCode == 0, $"{command}\n{built.Output}{built.Error}");
        }
        foreach (SampleRun run in sample.Runs)
        {
            CommandResult ran = Commands.Run(["sh", "-c", run.Command], s_limit);
            Assert.True(ran.ExitCode == run.ExpectedExitCode, $"{run.Command}\nended with exit code {ran.ExitCode}, not {run.ExpectedExitCode}\n{ran.Output}{ran.Error}{ran.Stacks}");
            string expected = string.Join('\n', run.ExpectedLines);
            Assert.Matches($"^{Regex.Escape(expected).Replace("\\*", ".*", StringComparison.Ordinal)}\n$", ran.Output);
        }
    }

    [Fact]
    public void TheHeaderCompilesAloneInCAndInCxx()
    {
        string header = Path.Combine(Paths.Include, "lampyris.h");
        Assert.True(File.Exists(header), $"{header} is missing");
        foreach (string[] compiler in (string[][])[["gcc", "-x", "c", "-std=c99"], ["gcc", "-x", "c", "-std=c17"], ["g++", "-x", "c++", "-std=c++11"], ["g++", "-x", "c++", "-std=c++20"]])
        {
            List<string> words = [.. compiler, "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror", "-fsyntax-only", header];
            if (compiler[0] == "g++") words.Remove("-Wstrict-prototypes");
            CommandResult compiled = Commands.Run(words, s_limit);
            Assert.True(compiled.ExitCode == 0, string.Join(' ', words) + "\n" + compiled.Error);
        }
    }
}
