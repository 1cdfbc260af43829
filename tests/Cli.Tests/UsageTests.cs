using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("run", "--")]
    [InlineData("run", "--quiet")]
    [InlineData("run", "--unknown", "--", "true")]
    [InlineData("run", "-x", "true")]
    [InlineData("run", "--allocator")]
    [InlineData("run", "--allocator", "nonesuch", "--", "true")]
    [InlineData("run", "--allocator", "/no/such/library.so", "--", "true")]
    [InlineData("run", "--allocator", "/etc/passwd", "--", "true")]
    [InlineData("run", "--allocator", "/tmp", "--", "true")]
    [InlineData("run", "--allocator", "/bin/true", "--", "true")]
    [InlineData("run", "--quiet", "--json", "--", "true")]
    [InlineData("run", "--report", "/no/such/directory/report", "--", "true")]
    [InlineData("run", "--report", "/tmp", "--", "true")]
    [InlineData("run", "--report", "", "--", "true")]
    [InlineData("run", "--set", "PURGE", "--", "true")]
    [InlineData("run", "--set", "=1", "--", "true")]
    [InlineData("run", "--set", "NONESUCH=1", "--", "true")]
    [InlineData("run", "--set", "PURGE=2", "--", "true")]
    [InlineData("run", "--set", "PURGE=", "--", "true")]
    [InlineData("run", "--set", "PURGE_DELAY_MS=soon", "--", "true")]
    [InlineData("run", "--set", "EXIT_SNAPSHOT=1:/tmp/x", "--", "true")]
    [InlineData("run", "--allocator", "system", "--set", "PURGE=1", "--", "true")]
    [InlineData("stats")]
    [InlineData("stats", "abc")]
    [InlineData("stats", "-5")]
    [InlineData("stats", "0")]
    [InlineData("stats", "99999999999")]
    [InlineData("stats", "1", "2")]
    [InlineData("stats", "--unknown", "1")]
    [InlineData("inspect")]
    [InlineData("inspect", "")]
    [InlineData("inspect", "a", "b")]
    [InlineData("inspect", "a", "--", "b")]
    [InlineData("inspect", "0")]
    [InlineData("inspect", "99999999999")]
    [InlineData("inspect", "--unknown", "a")]
    [InlineData("inspect", "--report", "/tmp/x", "a")]
    [InlineData("inspect", "--trace", "--report", "/no/such/directory/report", "--", "true")]
    [InlineData("inspect", "--trace")]
    [InlineData("inspect", "--trace", "--")]
    [InlineData("inspect", "--trace", "true")]
    [InlineData("inspect", "--trace", "a", "--", "true")]
    [InlineData("report")]
    [InlineData("report", "")]
    [InlineData("report", "a", "b")]
    [InlineData("report", "--format", "nonesuch", "a")]
    [InlineData("report", "--metric", "nonesuch", "a")]
    [InlineData("report", "--output", "", "a")]
    [InlineData("report", "--output", "a", "./a")]
    [InlineData("report", "--unknown", "a")]
    [InlineData("diff")]
    [InlineData("diff", "a")]
    [InlineData("diff", "a", "b", "c")]
    [InlineData("diff", "--format", "folded", "a", "b")]
    [InlineData("diff", "--json", "--format", "html", "a", "b")]
    [InlineData("diff", "--metric", "LIVE", "a", "b")]
    [InlineData("leaks")]
    [InlineData("leaks", "")]
    [InlineData("leaks", "--output", "a", "a")]
    [InlineData("leaks", "--unknown", "a")]
    [InlineData("nonesuch")]
    [InlineData("--nonesuch")]
    [InlineData("@file")]
    [InlineData]
    public void AMistakeIsTwoLinesOfHelpAndExitCode2(params string[] arguments)
    {
        Outcome outcome = Launcher.Run(arguments);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.OutputBytes);
        string[] lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("lampyris: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("usage: lampyris ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("--help tells more", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public void AReportThatCannotBeWrittenKeepsTheCommandFromStarting()
    {
        using var scratch = new Scratch();
        string marker = scratch.FilePath("marker");

        Outcome outcome = Launcher.Run("run", "--report", scratch.FilePath("no/report"), "--", "touch", marker);

        Assert.Equal(2, outcome.ExitCode);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void AMissingPeerNamesItsDebianPackage()
    {
        var problem = Assert.Throws<UsageException>(() => AllocatorCatalog.Find("nonesuch"));
        Assert.Contains("jemalloc", problem.Message, StringComparison.Ordinal);
        foreach ((string name, string package) in new[] { ("jemalloc", "libjemalloc2"), ("mimalloc", "libmimalloc2.0"), ("tcmalloc", "libtcmalloc-minimal4") })
        {
            string answer;
            try
            {
                answer = AllocatorCatalog.Find(name).LibraryPath;
            }
            catch (UsageException missing)
            {
                answer = missing.Message;
            }
            Assert.True(answer.StartsWith('/') && File.Exists(answer) || answer.EndsWith($"(Debian package {package})", StringComparison.Ordinal), answer);
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("run", "--help")]
    [InlineData("run", "-h")]
    [InlineData("stats", "--help")]
    [InlineData("inspect", "--help")]
    [InlineData("report", "--help")]
    [InlineData("diff", "--help")]
    [InlineData("leaks", "--help")]
    [InlineData("--version")]
    public void HelpGoesToStandardOutputAndFits80Columns(params string[] arguments)
    {
        Outcome outcome = Launcher.Run(arguments);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Error);
        Assert.NotEmpty(outcome.Output);
        Assert.All(outcome.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        if (arguments[0] != "--version") Assert.Contains("examples:\n  lampyris ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheHelpOfRunNamesEveryOptionOfTheHeap()
    {
        string help = Launcher.Run("run", "--help").Output;
        for (int i = 0; i < Options.Count; i++)
            Assert.Contains(System.Text.Encoding.UTF8.GetString(Options.Name(i))["LAMPYRIS_".Length..] + "=", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PURGE_DELAY_MS=100", "LAMPYRIS_PURGE_DELAY_MS", "100")]
    [InlineData("LAMPYRIS_PURGE_DELAY_MS=100", "LAMPYRIS_PURGE_DELAY_MS", "100")]
    [InlineData("PURGE=0", "LAMPYRIS_PURGE", "0")]
    public void ASettingMayHaveItsShortOrItsFullName(string setting, string name, string value)
    {
        Assert.Equal((name, value), HeapSettings.Parse(setting));
        Assert.Equal(value, Launcher.Run("run", "-q", "--set", setting, "--", "printenv", name).Output.TrimEnd());
    }

    // Goal: nothing that belongs to the command is taken for ours, and the other way round.
    [Theory]
    [InlineData(2, "run", "-q", "ls", "-q")]
    [InlineData(2, "run", "-q", "--", "ls")]
    [InlineData(3, "run", "--allocator", "system", "ls")]
    [InlineData(3, "run", "-a", "system", "--", "ls")]
    [InlineData(2, "run", "--allocator=system", "ls", "--help")]
    [InlineData(5, "run", "--set", "A=1", "--set", "B=2", "--", "x")]
    [InlineData(1, "run", "--", "--help")]
    [InlineData(2, "run", "--help")]
    [InlineData(4, "run", "--report", "--", "-q", "--", "x")]
    public void OurArgumentsEndWhereTheCommandBegins(int count, params string[] arguments) =>
        Assert.Equal(count, CommandLine.OwnCount(arguments, new RunVerb()));

    [Theory]
    [InlineData(3, "inspect", "a", "--json")]
    [InlineData(3, "inspect", "--trace", "--json", "--", "ls", "--help")]
    public void InspectTakesACommandBehindDashesOnly(int count, params string[] arguments) =>
        Assert.Equal(count, CommandLine.OwnCount(arguments, new InspectVerb()));

    [Fact]
    public void TheCommandNeedsNoDashesBeforeIt()
    {
        Outcome outcome = Launcher.Run("run", "-q", "echo", "--help", "-q", "--");
        Assert.Equal("--help -q --\n", outcome.Output);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public void AFullDeviceIsAnErrorOfStats() =>
        Assert.Equal(1, Launcher.Shell("$L --help > /dev/full").ExitCode);

}
