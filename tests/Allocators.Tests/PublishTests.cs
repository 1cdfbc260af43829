using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Tests;

/// <summary>The program in Collecting/, under the JIT, trimmed, and compiled ahead of time: threads on the heap while the garbage collector stops them.</summary>
public sealed class PublishTests
{
    const string Seconds = "4";
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    static readonly string s_project = Path.Combine(Plugins.RepoRoot, "tests/Allocators.Tests/Collecting");

    [Theory]
    [InlineData("jit")]
    [InlineData("trimmed", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("aot", "-p:PublishAot=true")]
    public void ThreadsThatTheCollectorStopsKeepTheirBlocks(string kind, params string[] options)
    {
        string output = Path.Combine(Plugins.RepoRoot, "artifacts/allocators-tests", kind);
        string[] publish = ["publish", s_project, "-c", "Release", "--use-current-runtime", "-o", output, "--nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=true", .. options];
        if (kind == "jit") publish = [.. publish, "--no-self-contained"];
        ProbeRun published = Run("dotnet", publish);
        Assert.True(published.ExitCode == 0, published.Output + published.Error);
        ProbeRun run = Run(Path.Combine(output, "collecting"), [Seconds]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}{run.Error}");
        Assert.StartsWith("ok: ", run.Output);
        AssertIsProfiled(Path.Combine(output, "collecting"), kind == "aot");
    }

    // Goal: the heap's profiler works in all three, and every stack is whole. Method: the same program, with one sample in 16 KiB.
    static void AssertIsProfiled(string program, bool isAheadOfTime)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lampyris-publish-");
        string file = Path.Combine(folder.FullName, "a.lprof");
        ProbeRun run = Run(program, [Seconds], ("LAMPYRIS_PROFILE", file), ("LAMPYRIS_PROFILE_INTERVAL", "16384"));
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}{run.Error}");
        Profile profile = ProfileReader.Read(file);
        Assert.InRange(profile.SampleCount, 100, 10_000_000);
        Assert.Equal(0, profile.LostCount);
        foreach (Site site in profile.Sites)
        {
            string text = string.Join(" < ", site.Frames.Reverse().Select(frame => frame.Function));
            Assert.True(site.IsComplete, text);
            // Compiled ahead of time, it has no runtime to name its methods; the program's symbols do that.
            if (!isAheadOfTime) Assert.True(site.Frames[^1].Library == "collecting.dll", text);
        }
        if (isAheadOfTime)
        {
            ProfileSymbolizer.AppendNames(file, trace: null);
            profile = ProfileReader.Read(file);
            foreach (Site site in profile.Sites)
                Assert.True(site.Frames[^1].Function.Contains("Worker", StringComparison.Ordinal), string.Join(" < ", site.Frames.Reverse().Select(frame => frame.Function)));
        }
        folder.Delete(recursive: true);
    }

    static ProbeRun Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        start.Environment["LAMPYRIS_PURGE"] = "1";
        start.Environment["LAMPYRIS_PURGE_DELAY_MS"] = "10";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        return ProbeRun.Of(start, s_limit);
    }
}
