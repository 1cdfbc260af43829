using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

// `lampyris profile` as a user calls it: its mistakes, its exit codes, its files.
public sealed class ProfileRunTests : IDisposable
{
    // Allocates 40 times 100,000 bytes in `grow` and ends with 3.
    const string Source = """
        #include <stdlib.h>
        #include <unistd.h>
        char *last;
        __attribute__((noinline)) void grow(void) { last = malloc(100000); last[0] = 1; }
        int main(int argc, char **argv) {
            for (int i = 0; i < 40; i++) grow();
            if (argc > 1) { if (fork() == 0) for (int i = 0; i < 5; i++) grow(); }
            return 3;
        }
        """;

    readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("which command?")]
    [InlineData("which command?", "--")]
    [InlineData("--start, --stop and --dump are for a process: lampyris profile PID --start", "--start")]
    [InlineData("one of --start, --stop and --dump is wanted", "123")]
    [InlineData("one of --start, --stop and --dump is wanted", "123", "--start", "--dump")]
    [InlineData("'abc' is no process id (a command goes behind `--`)", "abc", "--start")]
    [InlineData("'0' is no process id (a command goes behind `--`)", "0", "--start")]
    [InlineData("either a process or a command, not both", "123", "--start", "--", "true")]
    [InlineData("--managed is for a command: the runtime is told so when it starts", "123", "--start", "--managed")]
    [InlineData("--interval and --limit go with --start", "123", "--dump", "--interval", "1K")]
    [InlineData("--interval and --limit go with --start", "123", "--stop", "--limit", "1K")]
    [InlineData("--interval: '0' is no number of bytes from 1 to 1000000000000, such as 65536, 512K or 1M", "--interval", "0", "--", "true")]
    [InlineData("--limit: '-1' is no number of bytes from 0 to 1000000000000, such as 65536, 512K or 1M", "--limit", "-1", "--", "true")]
    [InlineData("--output: which file? Its name is empty", "--output", "", "--", "true")]
    [InlineData("--output /tmp: is a folder", "--output", "/tmp", "--", "true")]
    [InlineData("--output /no/such/file: there is no such folder", "--output", "/no/such/file", "--", "true")]
    public void AMistakeIsToldBeforeAnythingRuns(string message, params string[] arguments)
    {
        Outcome outcome = Launcher.Run(["profile", .. arguments]);
        Assert.Equal((2, "", $"lampyris: {message}"), (outcome.ExitCode, outcome.Output, outcome.Error.Split('\n')[0]));
        Assert.Contains("usage: lampyris profile [options] -- COMMAND [ARGUMENTS]\n", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("65536", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("512K", 512 << 10)]
    [InlineData("1KiB", 1024)]
    [InlineData("3MB", 3 << 20)]
    [InlineData("2G", 2L << 30)]
    [InlineData("", -1)]
    [InlineData("K", -1)]
    [InlineData("1.5M", -1)]
    [InlineData("-1", -1)]
    [InlineData("12QB", -1)]
    [InlineData("9999999999G", -1)]
    [InlineData("99999999999999999999", -1)]
    public void NumbersOfBytesMayHaveUnits(string text, long bytes)
    {
        if (bytes >= 0) Assert.Equal(bytes, ProfileVerb.ParseBytes("--interval", text, 7, 1));
        else Assert.Throws<UsageException>(() => ProfileVerb.ParseBytes("--interval", text, 7, 1));
        Assert.Equal(7, ProfileVerb.ParseBytes("--interval", null, 7, 1));
    }

    [Fact]
    public void TheCommandsExitCodeIsPassedThroughAndItsPageIsBesideTheFile()
    {
        string program = _scratch.Compile("grows", Source), file = _scratch.FilePath("out.lprof");
        Outcome outcome = Launcher.Run("profile", "-i", "1", "-o", file, "--", program);
        Assert.Equal((3, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("grow", outcome.Error, StringComparison.Ordinal);
        Assert.EndsWith($"page       {file}.html\n", outcome.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(file + ".html"));
        Assert.Equal(4_000_000, ProfileReader.Read(file).Sites.Where(site => site.Frames[^1].Function == "grow").Sum(site => site.Live.Bytes));

        Outcome again = Launcher.Run("profile", "--quiet", "-i", "1", "-l", "1M", "-o", file, "--", program);      // a profile of before is replaced
        Assert.Equal((3, "", ""), (again.ExitCode, again.Output, again.Error));
        ProfileMark mark = Assert.Single(ProfileReader.Read(file).Marks);
        Assert.Equal((MarkReason.LimitReached, 1 << 20), (mark.Reason, mark.Value));
    }

    [Fact]
    public void EachChildHasItsFileWithItsProcessId()
    {
        string program = _scratch.Compile("grows", Source), file = _scratch.FilePath("out.lprof");
        Outcome outcome = Launcher.Run("profile", "-i", "1", "-o", file, "--", program, "fork");
        Assert.Equal(3, outcome.ExitCode);
        string child = Assert.Single(Directory.GetFiles(_scratch.Path, "out.lprof.*"), name => name != file && !name.EndsWith(".html", StringComparison.Ordinal));
        Assert.Equal($"{file}.{ProfileReader.Read(child).ProcessId}", child);
        Assert.True(File.Exists(child + ".html"));
        Assert.Matches($"\n  page +{file}[.0-9]*.html\n  also +{file}[.0-9]*.html \\(grows, process [0-9]+\\)\n", outcome.Error);
    }

    [Fact]
    public void AnotherFileIsNotOverwritten()
    {
        string file = _scratch.FilePath("notes.txt");
        File.WriteAllText(file, "mine\n");
        Outcome outcome = Launcher.Run("profile", "-o", file, "--", "touch", _scratch.FilePath("ran"));
        Assert.Equal((2, $"lampyris: --output {file}: there is another file; it is not overwritten"), (outcome.ExitCode, outcome.Error.Split('\n')[0]));
        Assert.Equal("mine\n", File.ReadAllText(file));
        Assert.False(File.Exists(_scratch.FilePath("ran")));
    }

    [Fact]
    public void AFolderThatCantBeWrittenIsToldBeforeTheCommandRuns()
    {
        Outcome outcome = Launcher.Shell($"cd /proc && $L profile -- touch {_scratch.FilePath("ran")}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("lampyris: --output /proc/touch.", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch.FilePath("ran")));
    }

    [Fact]
    public void WhatCantBeStartedHasTheShellsExitCodes()
    {
        Outcome missing = Launcher.Run("profile", "--", "no-such-command"), refused = Launcher.Run("profile", "--", "/etc/passwd");
        Assert.Equal((127, "lampyris: no-such-command: command not found\n"), (missing.ExitCode, missing.Error));
        Assert.Equal((126, "lampyris: /etc/passwd: Permission denied\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public void ACommandThatAllocatesLittleIsTold()
    {
        Outcome outcome = Launcher.Run("profile", "--interval", "10G", "-o", _scratch.FilePath("out.lprof"), "--", "sh", "-c", "exit 7");
        Assert.Equal((7, $"lampyris: no samples: no process allocated much more than the interval of {10L << 30} bytes; --interval 1 takes every allocation\n"), (outcome.ExitCode, outcome.Error));
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public void CtrlCEndsTheCommandAndTheProfileIsWritten()
    {
        string program = _scratch.Compile("waits", Source.Replace("return 3;", "puts(\"up\"); fflush(stdout); pause(); return 3;", StringComparison.Ordinal).Insert(0, "#include <stdio.h>\n"));
        string file = _scratch.FilePath("out.lprof");
        Outcome outcome = Launcher.Shell(
            $"set -m; mkfifo $D/up; $L profile -q -i 1 -o {file} -- {program} > $D/up & read line < $D/up; kill -INT -$!; wait $!; echo \"$line $?\"", _scratch.Path);
        Assert.Equal("up 130\n", outcome.Output);
        Assert.Equal(4_000_000, ProfileReader.Read(file).Sites.Where(site => site.Frames[^1].Function == "grow").Sum(site => site.Live.Bytes));
    }

    [Fact]
    public void AProcessThatCantBeProfiledIsOneLine()
    {
        string program = _scratch.Compile("waits", "#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts(\"ready\"); fflush(stdout); pause(); return 0; }");
        using var foreign = new Running(program);
        using var own = new Running(program, ("LD_PRELOAD", Launcher.LibraryPath));
        foreach ((string id, string action, string message) in new[]
        {
            ("2147483646", "--start", "no process 2147483646"),
            (foreign.Id, "--start", $"process {foreign.Id} (waits) does not run on Lampyris"),
            (own.Id, "--stop", $"process {own.Id} is not being profiled"),
            (own.Id, "--dump", $"process {own.Id} is not being profiled"),
        })
        {
            Outcome outcome = Launcher.Run("profile", id, action);
            Assert.Equal((1, "", $"lampyris: {message}\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
        }
    }

    [Fact]
    public void HelpNamesEveryOptionWithin80Columns()
    {
        Outcome outcome = Launcher.Run("profile", "--help");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        foreach (string option in new[] { "--output FILE", "--interval BYTES", "--limit BYTES", "--managed", "--start", "--stop", "--dump", "--quiet" })
            Assert.Contains(option, outcome.Output, StringComparison.Ordinal);
        Assert.All(outcome.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"default {512}K"), outcome.Output, StringComparison.Ordinal);
    }
}
