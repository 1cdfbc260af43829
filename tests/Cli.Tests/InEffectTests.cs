using System;
using System.IO;
using System.Text.Json;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

// Goal: nobody is left to believe that a command ran on Lampyris when it did not.
public class InEffectTests
{
    static (Outcome Outcome, string InEffect, string Reason) Run(string prefix, params string[] command)
    {
        using var scratch = new Scratch();
        string report = scratch.FilePath("report");
        Outcome outcome = Launcher.Shell($"{prefix} $L run --json --report $D/report -- {string.Join(' ', command)}", scratch.Path);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(report));
        JsonElement allocator = json.RootElement.GetProperty("allocator");
        return (outcome, allocator.GetProperty("inEffect").GetString()!, allocator.GetProperty("reason").GetString()!);
    }

    static string OneLine(Outcome outcome) => Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void AnOrdinaryProgramIsProvedHoweverShort()
    {
        (Outcome outcome, string inEffect, _) = Run("", "true");
        Assert.Equal("yes", inEffect);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void AStaticProgramIsToldAndRuns()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("fixed", "#include <stdio.h>\nint main(void) { puts(\"ran\"); return 4; }", "-static");

        (Outcome outcome, string inEffect, _) = Run("", program);

        Assert.Equal("ran\n", outcome.Output);
        Assert.Equal(4, outcome.ExitCode);
        Assert.Equal("no", inEffect);
        Assert.Equal("lampyris: Lampyris is not in effect: fixed is statically linked", OneLine(outcome));
    }

    [Fact]
    public void SoIsAStaticProgramThatAScriptNames()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("fixed", "int main(void) { return 4; }", "-static-pie");
        string script = scratch.Script("script", $"#! {program} argument\n");

        (Outcome outcome, string inEffect, _) = Run("", script);

        Assert.Equal(4, outcome.ExitCode);
        Assert.Equal("no", inEffect);
        Assert.EndsWith("fixed is statically linked", OneLine(outcome), StringComparison.Ordinal);
    }

    [Fact]
    public void SoIsAStaticProgramThatTheCommandTurnsInto()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("fixed", "#include <unistd.h>\nint main(void) { usleep(700000); return 0; }", "-static");

        (Outcome outcome, string inEffect, _) = Run("", "sh", "-c", $"'exec {program}'");

        Assert.Equal("no", inEffect);
        Assert.StartsWith("lampyris: Lampyris was not in effect: fixed runs without the library", OneLine(outcome), StringComparison.Ordinal);
    }

    [Fact]
    public void AClearedEnvironmentIsTold()
    {
        (Outcome outcome, string inEffect, _) = Run("", "env", "-i", "/bin/sleep", "0.7");
        Assert.Equal("no", inEffect);
        Assert.StartsWith("lampyris: Lampyris was not in effect: sleep runs without the library", OneLine(outcome), StringComparison.Ordinal);
    }

    [Fact]
    public void AProgramForMuslIsLeftAlone()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("small", "int main(void) { return 0; }", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1");

        PreloadCheck check = PreloadCheck.Of(Bytes.OfText(program));

        Assert.Equal(PreloadVerdict.Harmful, check.Verdict);
        Assert.Equal("small is linked with musl, not with glibc", check.Reason);
    }

    [Fact]
    public void AProgramWithAMallocOfItsOwnIsTold()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("own", """
            #include <stddef.h>
            static char heap[1 << 20]; static size_t used;
            void *malloc(size_t n) { used += (n + 31) & ~15ul; return used > sizeof heap ? 0 : heap + used - ((n + 31) & ~15ul); }
            void free(void *p) { (void)p; }
            int main(void) { return malloc(100) == 0; }
            """);

        (Outcome outcome, string inEffect, _) = Run("", program);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("no", inEffect);
        Assert.Equal("lampyris: Lampyris is not in effect: own brings its own malloc", OneLine(outcome));
    }

    [Fact]
    public void ASetuidProgramIsTold()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make a program setuid for another user");
        using var scratch = new Scratch();
        string program = scratch.Compile("raised", "#include <unistd.h>\nint main(void) { usleep(300000); return geteuid() == getuid() ? 1 : 0; }");
        Launcher.Shell($"chown nobody {program}; chmod u+s {program}");

        (Outcome outcome, string inEffect, string reason) = Run("", program);

        Assert.Equal("no", inEffect);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("raised is setuid", reason, StringComparison.Ordinal);
        Assert.Contains("raised is setuid, so the loader ignores LD_PRELOAD", OneLine(outcome), StringComparison.Ordinal);
    }

    [Fact]
    public void ASetuidProgramThatMayGainNothingRunsOnLampyris()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make a program setuid for another user");
        using var scratch = new Scratch();
        string program = scratch.Compile("raised", "int main(void) { return 0; }");
        Launcher.Shell($"chown nobody {program}; chmod u+s {program}");

        (Outcome outcome, string inEffect, _) = Run("setpriv --no-new-privs", program);

        Assert.Equal("yes", inEffect);
        Assert.Empty(outcome.Error);
    }

    [Theory]
    [InlineData("jemalloc")]
    [InlineData("mimalloc")]
    [InlineData("tcmalloc")]
    public void APeerIsSeenInTheProcess(string name)
    {
        try
        {
            AllocatorCatalog.Find(name);
        }
        catch (UsageException missing)
        {
            Assert.Skip(missing.Message);
        }
        Outcome outcome = Launcher.Run("run", "--json", "--allocator", name, "--", "sh", "-c", $"grep -c lib{name} /proc/$$/maps; sleep 0.5");

        Assert.NotEqual("0\n", outcome.Output);
        using JsonDocument json = JsonDocument.Parse(outcome.Error);
        Assert.Equal("yes", json.RootElement.GetProperty("allocator").GetProperty("inEffect").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("heap").ValueKind);
    }

    [Fact]
    public void TheSystemsMallocIsDoubtedWhereAnotherIsPreloaded()
    {
        string library;
        try
        {
            library = AllocatorCatalog.Find("jemalloc").LibraryPath;
        }
        catch (UsageException missing)
        {
            Assert.Skip(missing.Message);
            return;
        }
        Outcome outcome = Launcher.Shell($"LD_PRELOAD={library} $L run -q -a system -- sleep 0.5");
        Assert.Equal("lampyris: the system's malloc was not in effect: sleep has jemalloc loaded", OneLine(outcome));
    }
}
