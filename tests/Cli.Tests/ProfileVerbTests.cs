using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

// `report`, `diff` and `leaks` as a user calls them: what goes where, exit codes, and one line for each thing that goes wrong.
public sealed class ProfileVerbTests : IDisposable
{
    readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    /// <summary>A program with a table, and a leak that has grown to so many bytes.</summary>
    string Profile(string name, int leakedBytes, string executable = "/bin/app")
    {
        string path = _scratch.FilePath(name);
        using var writer = ProfileWriter.Begin(File.Create(path), 4711, DateTimeOffset.UnixEpoch.AddDays(1), 1);
        writer.Process([executable, "--work"], executable);
        int thread = writer.Thread("main");
        int table = writer.Stack(thread, StackTraits.Complete, [1, 3]), leak = writer.Stack(thread, StackTraits.Complete, [2, 3]);
        writer.Allocation(TimeSpan.Zero, table, new Weight(1_000_000, 1));
        const int Steps = 100;
        for (int i = 1; i <= Steps && leakedBytes > 0; i++) writer.Allocation(TimeSpan.FromMilliseconds(i), leak, new Weight(leakedBytes / Steps, 1));
        writer.End(TimeSpan.FromMilliseconds(100 + leakedBytes / 1000), EndReason.ProcessEnded);
        foreach ((ulong address, string function) in new[] { (1ul, "make_table"), (2ul, "leak_here"), (3ul, "main") })
            writer.Symbol(address, [new Frame(function, "app", function + ".c", 1, FrameKind.Native)]);
        return path;
    }

    [Fact]
    public void ReportWritesThePageBesideTheFileAndTheTableHere()
    {
        string path = Profile("app.lprof", 5_000_000);

        Outcome outcome = Launcher.Run("report", path);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("leak_here", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith($"page       {path}.html\n", outcome.Output, StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html", File.ReadAllText(path + ".html"), StringComparison.OrdinalIgnoreCase);
        Assert.All(outcome.Output.Split('\n').Where(line => !line.Contains(path, StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("text", "make_table")]
    [InlineData("folded", "main;leak_here 5000000\nmain;make_table 1000000\n")]
    [InlineData("json", "\"liveBytes\": 6000000")]
    [InlineData("speedscope", "speedscope.app/file-format-schema")]
    [InlineData("jeprof", "heap profile: 101: 6000000 [101: 6000000] @ heapprofile\n")]
    [InlineData("html", "<!doctype html")]
    public void EachFormatGoesToStandardOutputOrToAFile(string format, string expected)
    {
        string path = Profile("app.lprof", 5_000_000), output = _scratch.FilePath("out");

        Outcome toOutput = Launcher.Run("report", "--format", format, path), toFile = Launcher.Run("report", "--format", format, "--output", output, path);

        Assert.Equal((0, ""), (toOutput.ExitCode, toOutput.Error));
        Assert.Contains(expected, toOutput.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((0, "", ""), (toFile.ExitCode, toFile.Output, toFile.Error));
        Assert.Equal(toOutput.Output, File.ReadAllText(output));
        Assert.False(File.Exists(path + ".html"));
    }

    [Fact]
    public void FiltersAndMetricsReachTheReport()
    {
        string path = Profile("app.lprof", 5_000_000);
        Assert.Equal("main;leak_here 100\nmain;make_table 1\n", Launcher.Run("report", "-f", "folded", "-m", "count", path).Output);
        Assert.Equal("", Launcher.Run("report", "-f", "folded", "--thread", "other*", path).Output);
        Assert.Equal(2, Launcher.Run("report", "-f", "folded", "--library", "a*p", "--thread", "main", path).Output.Count(c => c == '\n'));
    }

    [Fact]
    public void DiffTellsWhatChanged()
    {
        string before = Profile("before", 1_000_000), after = Profile("after", 5_000_000), without = Profile("without", 0);

        string text = Launcher.Run("diff", before, after).Output;
        Assert.Contains("grew · 1 stack", text, StringComparison.Ordinal);
        Assert.Contains("+3.8 MiB  976.6 KiB → 4.8 MiB\n    leak_here", text, StringComparison.Ordinal);
        Assert.Contains("Nothing changed.", Launcher.Run("diff", before, before).Output, StringComparison.Ordinal);

        JsonElement changes = JsonDocument.Parse(Launcher.Run("diff", "--json", without, after).Output).RootElement.GetProperty("changes");
        Assert.Equal(("appeared", 5_000_000), (changes[0].GetProperty("kind").GetString(), changes[0].GetProperty("changeBytes").GetInt64()));
        Assert.Equal(1, changes.GetArrayLength());
    }

    [Fact]
    public void LeaksEndsWith3WhenSomethingGrows()
    {
        string growing = Profile("growing", 5_000_000), steady = Profile("steady", 0), known = _scratch.FilePath("known.txt");
        File.WriteAllText(known, "# accepted\nleak:leak_here\n");

        Outcome found = Launcher.Run("leaks", growing), none = Launcher.Run("leaks", steady), suppressed = Launcher.Run("leaks", "--suppressions", known, growing);

        Assert.Equal((3, 0, 0), (found.ExitCode, none.ExitCode, suppressed.ExitCode));
        Assert.Contains("growing    1 site · 4.8 MiB live at the end", found.Output, StringComparison.Ordinal);
        Assert.Contains("growing all the time\n", found.Output, StringComparison.Ordinal);
        Assert.Contains("suppressed 1 site · 4.8 MiB", suppressed.Output, StringComparison.Ordinal);
        JsonElement site = JsonDocument.Parse(Launcher.Run("leaks", "--json", growing).Output).RootElement.GetProperty("sites")[0];
        Assert.Equal("growing", site.GetProperty("verdict").GetString());
        Assert.True(site.GetProperty("seriesBytes").GetArrayLength() >= LeakFinder.LeastPoints);
    }

    [Fact]
    public void LeaksTakesSeveralFilesInTheOrderOfTheirTimes()
    {
        string first = Profile("dump.1", 1_000_000), second = Profile("dump.2", 2_000_000), third = Profile("dump.3", 3_000_000);

        Outcome outcome = Launcher.Run("leaks", "--json", third, first, second);

        Assert.Equal(3, outcome.ExitCode);
        JsonElement site = JsonDocument.Parse(outcome.Output).RootElement.GetProperty("sites")[0];
        Assert.Equal([1_000_000, 2_000_000, 3_000_000], site.GetProperty("seriesBytes").EnumerateArray().Select(bytes => bytes.GetInt32()));
        Outcome mixed = Launcher.Run("leaks", first, Profile("other", 5, executable: "/bin/other"));
        Assert.Equal((1, $"lampyris: {_scratch.FilePath("other")}: is of /bin/other, but {first} is of /bin/app\n"), (mixed.ExitCode, mixed.Error));
    }

    [Theory]
    [InlineData("report")]
    [InlineData("diff")]
    [InlineData("leaks")]
    public void AFileThatIsNoProfileIsOneLineAndExitCode1(string verb)
    {
        string foreign = _scratch.FilePath("foreign"), empty = _scratch.FilePath("empty");
        File.WriteAllText(foreign, "#!/bin/sh\necho this is a script, not a profile\n");
        File.WriteAllBytes(empty, []);
        foreach ((string path, string problem) in new[]
        {
            (foreign, "is no profile of Lampyris"), (empty, "is empty"), (_scratch.FilePath("missing"), "there is no such file"), (_scratch.Path, "is a directory"),
        })
        {
            Outcome outcome = verb == "diff" ? Launcher.Run(verb, path, path) : Launcher.Run(verb, path);
            Assert.Equal((1, "", $"lampyris: {path}: {problem}\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
        }
    }

    [Fact]
    public void ADamagedFileIsShownAsFarAsItGoes()
    {
        string path = Profile("app.lprof", 5_000_000);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2 + 1)]);

        Outcome outcome = Launcher.Run("report", "-f", "text", path);

        Assert.Equal(0, outcome.ExitCode);
        string text = string.Join(' ', outcome.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("note", text, StringComparison.Ordinal);
        Assert.Contains("were not read", text, StringComparison.Ordinal);
        Assert.Contains("did not come to an end", text, StringComparison.Ordinal);
    }

    [Fact]
    public void BadSuppressionsAreToldWithTheirLines()
    {
        string known = _scratch.FilePath("known.txt");
        File.WriteAllText(known, "leak:fine\nrace:thing\n");

        Outcome outcome = Launcher.Run("leaks", "--suppressions", known, Profile("app", 0));

        Assert.Equal((1, $"lampyris: {known}: line 2: 'race:thing' does not begin with leak:\n"), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public void TheProfileItselfIsNotWrittenOver()
    {
        string path = Profile("app.lprof", 0);
        byte[] before = File.ReadAllBytes(path);

        Outcome outcome = Launcher.Run("report", "--format", "json", "--output", path, path);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(1, Launcher.Run("report", "--format", "json", "--output", "/no/such/folder/x", path).ExitCode);
        Assert.Equal(1, Launcher.Shell($"$L report --format json {path} > /dev/full").ExitCode);
    }
}
