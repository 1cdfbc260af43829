using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Cli.Tests;

// Goal: a command can't tell that we stand before it. Method: run it with us and without, compare.
public class PassThroughTests
{
    [Fact]
    public void AMegabyteOfAnyBytesGoesInAndOut()
    {
        byte[] data = new byte[1 << 20];
        new Random(1).NextBytes(data);

        Outcome outcome = Launcher.RunWithInput(data, "run", "-q", "--", "cat");

        Assert.Equal(0, outcome.ExitCode);
        Assert.True(data.AsSpan().SequenceEqual(outcome.OutputBytes));
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void WhatTheCommandLeavesOfTheInputIsStillThere() =>
        Assert.Equal("two\n", Launcher.Shell("printf 'one\\ntwo\\n' | { $L run -q -- sh -c 'read line'; cat; }").Output);

    [Theory]
    [InlineData("")]
    [InlineData("<&-")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData("<&- >&- 2>&-")]
    [InlineData("5</dev/null 7>/dev/null")]
    public void OpenAndClosedDescriptorsAreTheSame(string redirections)
    {
        using var scratch = new Scratch();
        // The list is taken by the shell itself: 10 and above are its own.
        string script = scratch.Script("list", "#!/bin/sh\n: > $1\nfor n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n $(readlink /proc/$$/fd/$n | tr -d '[0-9]') >> $1; done\nexit 0\n");

        Outcome outcome = Launcher.Shell(
            $"{script} $D/without {redirections}; $L run -q -- {script} $D/with {redirections}", scratch.Path);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(File.ReadAllText(scratch.FilePath("without")), File.ReadAllText(scratch.FilePath("with")));
    }

    [Fact]
    public void AClosedStderrSwallowsTheReportAndNothingElse()
    {
        Outcome outcome = Launcher.Shell("$L run -- echo hello 2>&-");
        Assert.Equal("hello\n", outcome.Output);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public void ArgumentsArriveByteForByte()
    {
        using var scratch = new Scratch();
        const string Arguments = "'' ' ' \"$(printf 'a\\nb')\" $'\\xff\\xfe' '@file' '--' '-h' '$HOME' '*' \"$(head -c 100000 /dev/zero | tr '\\0' x)\"";

        Outcome outcome = Launcher.Shell($"printf '%s\\0' {Arguments} > $D/without; $L run -q -- printf '%s\\0' {Arguments} > $D/with; cmp $D/with $D/without", scratch.Path);

        Assert.Equal("", outcome.Output + outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        Assert.True(new FileInfo(scratch.FilePath("with")).Length > 100_000);
    }

    [Fact]
    public void TooManyArgumentsAreRefusedAsByAShell()
    {
        Outcome outcome = Launcher.Shell("bytes=$(head -c 130000 /dev/zero | tr '\\0' x); $L run -q -- true $(for i in {1..200}; do echo $bytes; done)");
        Assert.Equal(126, outcome.ExitCode);
    }

    // Method: `system` adds nothing at all, Lampyris two variables.
    [Theory]
    [InlineData("")]
    [InlineData("env -i")]
    [InlineData("env -i SHLVL=7 PWD=/nowhere _=under OLDPWD=/gone A=$'\\xff' 'we ird=1' E= LD_PRELOAD=")]
    [InlineData("env -u PWD -u SHLVL -u OLDPWD")]
    public void TheEnvironmentIsTheCallers(string prefix)
    {
        using var scratch = new Scratch();
        Outcome outcome = Launcher.Shell(
            $"{prefix} /usr/bin/env -0 | sort -z > $D/without; {prefix} $L run -q -a system -- /usr/bin/env -0 | sort -z > $D/system; {prefix} $L run -q -- /usr/bin/env -0 | sort -z > $D/lampyris", scratch.Path);

        Assert.Equal("", outcome.Output + outcome.Error);
        // bash sets `_` to the command that it starts, which is another one each time, unless env has the last word.
        bool IsOurs(string entry) => prefix.Length == 0 && entry.StartsWith("_=", StringComparison.Ordinal);
        string[] Read(string name) => File.ReadAllText(scratch.FilePath(name), System.Text.Encoding.Latin1).Split('\0').Where(entry => !IsOurs(entry)).ToArray();
        string[] without = Read("without");
        Assert.Equal(without, Read("system"));
        string[] added = Read("lampyris").Except(without).ToArray();
        Assert.Equal(2, added.Length);
        Assert.Contains($"LD_PRELOAD={Launcher.LibraryPath}", added);
        Assert.StartsWith("LAMPYRIS_EXIT_SNAPSHOT=", added.Single(entry => !entry.StartsWith("LD_", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("", outcome.Output + outcome.Error);
    }

    // Goal: what a .NET program is to find in its environment does not act on our own runtime. A startup hook
    // that does not exist would end it at once, a diagnostic port would suspend it for ever.
    [Fact]
    public void SettingsForDotnetAreForTheCommandOnly()
    {
        Outcome outcome = Launcher.Shell(
            "export DOTNET_STARTUP_HOOKS=/no/such/hook.dll DOTNET_DiagnosticPorts=/tmp/no-such-port CORECLR_ENABLE_PROFILING=1 COMPlus_x=$'a\\nb'; $L run -q -- env | grep -E '^(DOTNET_[SD]|CORECLR|COMPlus|b)'");
        Assert.Equal(
            ["COMPlus_x=a", "CORECLR_ENABLE_PROFILING=1", "DOTNET_DiagnosticPorts=/tmp/no-such-port", "DOTNET_STARTUP_HOOKS=/no/such/hook.dll", "b"],
            outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void WhatTheUserPreloadsComesAfterUs()
    {
        using var scratch = new Scratch();
        string other = scratch.Compile("other.so", "int marker(void) { return 1; }", "-shared", "-fPIC");

        Outcome outcome = Launcher.Shell($"LD_PRELOAD={other} $L run -q -- printenv LD_PRELOAD");

        Assert.Equal($"{Launcher.LibraryPath}:{other}\n", outcome.Output);
    }

    [Fact]
    public void LimitsMaskAndDirectoryAreTheCallers()
    {
        const string Show = "cat /proc/self/limits /proc/self/coredump_filter /proc/self/oom_score_adj /proc/self/timerslack_ns; umask; pwd";
        using var scratch = new Scratch();
        Outcome outcome = Launcher.Shell(
            $"cd $D; ulimit -Sn 300; ulimit -c 0; umask 027; sh -c '{Show}' > without; $L run -q -- sh -c '{Show}' > with; diff without with", scratch.Path);

        Assert.Equal("", outcome.Output + outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trap '' PIPE;")]
    [InlineData("trap '' HUP INT QUIT TERM USR1 TSTP;")]
    public void BlockedAndIgnoredSignalsAreTheCallers(string setUp)
    {
        const string Show = "grep -E ^Sig[BIC] /proc/self/status";
        Outcome outcome = Launcher.Shell($"{setUp} {Show} > /dev/null; a=$({Show}); b=$($L run -q -- {Show}); [ \"$a\" = \"$b\" ] || echo \"$a, but $b\"");
        Assert.Equal("", outcome.Output + outcome.Error);
    }

    [Fact]
    public void AWriterEndsWhenItsReaderDoes()
    {
        Outcome outcome = Launcher.Shell("$L run -q -- yes | head -n 1; echo ${PIPESTATUS[0]}");
        Assert.Equal("y\n141\n", outcome.Output);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void ItRunsFromAnyDirectoryAndThroughLinks()
    {
        using var scratch = new Scratch();
        Outcome outcome = Launcher.Shell("cd $D; ln -s $L here; mkdir sub; cd sub; ../here run -q -- pwd; ln -s ../here there; ./there run -q -- pwd; PATH=$D:$PATH; here run -q -- pwd", scratch.Path);
        Assert.Equal(string.Concat(Enumerable.Repeat($"{scratch.Path}/sub\n", 3)), outcome.Output);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void OneRunCanStandInAnother()
    {
        Outcome outcome = Launcher.Shell("$L run -q -- $L run -q -- sh -c 'echo $LD_PRELOAD; exit 9'");
        Assert.Equal(9, outcome.ExitCode);
        Assert.Equal(Launcher.LibraryPath + "\n", outcome.Output);
        Assert.Equal("", Launcher.Shell("$L run -q -- $L run -q -a system -- printenv LD_PRELOAD").Output);
    }

    [Fact]
    public void ALibraryInADirectoryWithSpacesCanBePreloaded()
    {
        using var scratch = new Scratch();
        string library = scratch.FilePath("my projects: $1/liblampyris.so");
        Directory.CreateDirectory(Path.GetDirectoryName(library)!);
        File.Copy(Launcher.LibraryPath, library);

        Outcome outcome = Launcher.Run("run", "--json", "--allocator", library, "--", "sh", "-c", "grep -c 'my projects' /proc/$$/maps; sleep 0.3; exit 3");

        Assert.Equal(3, outcome.ExitCode);
        Assert.NotEqual("0\n", outcome.Output);
        Assert.Contains("\"inEffect\": \"yes\"", outcome.Error, StringComparison.Ordinal);
    }
}
