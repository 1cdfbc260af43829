using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Cli.Tests;

public class ExitCodeTests
{
    [Fact]
    public void EveryExitCodePassesThrough()
    {
        Outcome outcome = Launcher.Shell("for n in 0 1 2 3 42 77 125 126 127 128 129 137 254 255; do $L run -q -- sh -c \"exit $n\"; echo $n $?; done");

        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(14, lines.Length);
        Assert.All(lines, line => Assert.Equal(line.Split(' ')[0], line.Split(' ')[1]));
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void ACommandThatASignalEndsGives128PlusTheSignal()
    {
        int[] signals = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 50, 64];
        Outcome outcome = Launcher.Shell($"ulimit -c 0; for n in {string.Join(' ', signals)}; do $L run -q -- sh -c \"kill -$n \\$\\$\"; echo $?; done");

        Assert.Equal(signals.Select(signal => 128 + signal), outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
    }

    [Theory]
    [InlineData("no-such-command-anywhere")]
    [InlineData("/no/such/file")]
    [InlineData("/etc/passwd/file")]
    [InlineData("")]
    public void WhatIsNotFoundGives127(string command)
    {
        Outcome outcome = Launcher.Run("run", "--", command);

        Assert.Equal(127, outcome.ExitCode);
        Assert.Equal(1, outcome.Error.Count(c => c == '\n'));
        Assert.StartsWith($"lampyris: {command}: ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/tmp")]
    [InlineData("/")]
    public void WhatCannotBeExecutedGives126(string command)
    {
        Outcome outcome = Launcher.Run("run", "--", command);

        Assert.Equal(126, outcome.ExitCode);
        Assert.Equal($"lampyris: {command}: Permission denied\n", outcome.Error);
    }

    [Fact]
    public void AFileOfNoFormatGives126()
    {
        using var scratch = new Scratch();
        byte[] header = new byte[200];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(header);
        string path = scratch.Script("broken", "");
        File.WriteAllBytes(path, header);

        Assert.Equal(126, Launcher.Run("run", "--", path).ExitCode);
    }

    [Fact]
    public void AScriptWhoseInterpreterIsMissingGives127AsInAShell()
    {
        using var scratch = new Scratch();
        string path = scratch.Script("orphan", "#!/no/such/interpreter\n");

        Assert.Equal(127, Launcher.Run("run", "--", path).ExitCode);
    }

    [Fact]
    public void AScriptWithoutFirstLineRunsInTheShell()
    {
        using var scratch = new Scratch();
        string path = scratch.Script("bare", "echo \"$0 $1 $#\"\nexit 5\n");

        Outcome outcome = Launcher.Run("run", "-q", "--", path, "a b");

        Assert.Equal(5, outcome.ExitCode);
        Assert.Equal($"{path} a b 1\n", outcome.Output);
    }

    [Fact]
    public void TheSearchPathIsTheCallersAndDirectoriesOnItAreSkipped()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.FilePath("first/tool"));
        Directory.CreateDirectory(scratch.FilePath("second"));
        scratch.Script("second/tool", "#!/bin/sh\necho second\n");

        Outcome outcome = Launcher.Shell("PATH=$D/first:$D/second:$PATH $L run -q -- tool", scratch.Path);

        Assert.Equal("second\n", outcome.Output);
        Assert.Equal(126, Launcher.Shell("PATH=$D/first:$PATH $L run -q -- tool", scratch.Path).ExitCode);
    }
}
