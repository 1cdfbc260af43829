using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace Lampyris.Cli.Tests;

public class ReportTests
{
    const string Work = "blocks = [bytes(5000) for i in range(20000)]; del blocks[5000:]; import time; time.sleep(0.3)";

    static JsonElement Heap(string json) => JsonDocument.Parse(json).RootElement.GetProperty("heap");

    [Fact]
    public void TheFiguresAreThoseOfTheCommand()
    {
        Outcome outcome = Launcher.Run("run", "--json", "--", "python3", "-c", Work);

        JsonElement report = JsonDocument.Parse(outcome.Error).RootElement, heap = report.GetProperty("heap");
        Assert.Equal(0, report.GetProperty("exitCode").GetInt32());
        Assert.Equal("yes", report.GetProperty("allocator").GetProperty("inEffect").GetString());
        Assert.Equal("exit", report.GetProperty("heapSource").GetString());
        Assert.InRange(report.GetProperty("peakRssBytes").GetInt64(), 100_000_000, 200_000_000);
        Assert.Equal("exit", report.GetProperty("peakRssSource").GetString());
        Assert.InRange(report.GetProperty("wallSeconds").GetDouble(), 0.3, 60);
        Assert.InRange(heap.GetProperty("allocatedCount").GetInt64(), 20_000, 1_000_000);
        Assert.InRange(heap.GetProperty("peakCommittedBytes").GetInt64(), 100_000_000, 200_000_000);
        Assert.Equal(heap.GetProperty("allocatedCount").GetInt64(), heap.GetProperty("freedCount").GetInt64() + heap.GetProperty("liveCount").GetInt64());
        JsonElement[] sizes = heap.GetProperty("sizes").EnumerateArray().ToArray();
        Assert.Equal(heap.GetProperty("allocatedCount").GetInt64(), sizes.Sum(size => size.GetProperty("allocatedCount").GetInt64()));
        Assert.Contains(sizes, size => size.GetProperty("blockBytes").ValueKind == JsonValueKind.Number && size.GetProperty("blockBytes").GetInt64() == 5120 && size.GetProperty("allocatedCount").GetInt64() >= 20_000);
    }

    [Fact]
    public void ACommandThatLeavesNoLastWordHasItsLastLook()
    {
        Outcome outcome = Launcher.Run("run", "--json", "--", "python3", "-c", Work + "; import os; os.kill(os.getpid(), 9)");

        JsonElement report = JsonDocument.Parse(outcome.Error).RootElement;
        Assert.Equal(137, outcome.ExitCode);
        Assert.Equal(137, report.GetProperty("exitCode").GetInt32());
        Assert.Equal(9, report.GetProperty("signalNumber").GetInt32());
        Assert.Equal("sample", report.GetProperty("heapSource").GetString());
        Assert.InRange(report.GetProperty("heapAgeSeconds").GetDouble(), 0, 5);
        Assert.InRange(Heap(outcome.Error).GetProperty("allocatedCount").GetInt64(), 20_000, 1_000_000);
    }

    [Theory]
    [InlineData("sh", "true")]
    [InlineData("sh", "exit 7")]
    [InlineData("python3", "import os; os._exit(7)")]
    public void ACommandThatLeavesByUnderscoreExitHasItsLastWord(string program, string code)
    {
        Outcome outcome = Launcher.Run("run", "--json", "--", program, "-c", code);

        JsonElement report = JsonDocument.Parse(outcome.Error).RootElement;
        Assert.Equal(code == "true" ? 0 : 7, outcome.ExitCode);
        Assert.Equal("exit", report.GetProperty("heapSource").GetString());
        Assert.Equal("exit", report.GetProperty("peakRssSource").GetString());
        Assert.Equal(0, report.GetProperty("finalRssAgeSeconds").GetDouble());
        long final = report.GetProperty("finalRssBytes").GetInt64();
        Assert.InRange(final, 500_000, 100_000_000);
        Assert.InRange(report.GetProperty("peakRssBytes").GetInt64(), final, 100_000_000);
    }

    [Fact]
    public void TheTextIsPlainAndFits80Columns()
    {
        Outcome outcome = Launcher.Run("run", "--", "python3", "-c", Work + "; import os; os.kill(os.getpid(), 9)");

        Assert.Equal(137, outcome.ExitCode);
        Assert.Empty(outcome.OutputBytes);
        Assert.DoesNotContain('\u001b', outcome.Error);
        Assert.All(outcome.Error.Split('\n'), line => Assert.True(line.Length <= 80, line));
        string[] firstWords = outcome.Error.Split('\n').Select(line => line.TrimStart().Split(' ')[0]).ToArray();
        Assert.Equal(["exit", "time", "allocator", "RSS", "heap", "traffic", "returned", "threads", "note", "", "size"], firstWords.Skip(2).Take(11));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("NO_COLOR=1", false)]
    [InlineData("TERM=dumb", false)]
    public void ColourIsForTerminalsThatWantIt(string setting, bool isColoured)
    {
        Outcome outcome = Launcher.Terminal($"type:{setting} $L run -- true; echo done=$?\\r", "until:done=0");
        Assert.Equal(isColoured, outcome.Output.Contains("\u001b[92mlampyris", StringComparison.Ordinal));
        Assert.Contains("lampyris", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAsciiLocaleGetsAsciiReports()
    {
        Outcome outcome = Launcher.Shell("LC_ALL=C $L run -- ls /");
        Assert.All(outcome.Error, c => Assert.True(c < 128));
        Assert.Contains('#', outcome.Error);
    }

    [Fact]
    public void AReportFileIsReplacedAndStderrStaysEmpty()
    {
        using var scratch = new Scratch();
        string report = scratch.FilePath("report");
        File.WriteAllText(report, new string('x', 100_000));

        Outcome outcome = Launcher.Run("run", "--report", report, "--", "true");

        Assert.Empty(outcome.Error);
        string text = File.ReadAllText(report);
        Assert.StartsWith("── lampyris true ─", text, StringComparison.Ordinal);
        Assert.DoesNotContain("xx", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AReportCanGoToADescriptor() =>
        Assert.Contains("lampyris true", Launcher.Shell("$L run --report /dev/fd/7 -- true 7>&1").Output, StringComparison.Ordinal);

    [Fact]
    public void ACommandThatDoesNotStartLeavesNoReportFile()
    {
        using var scratch = new Scratch();
        string report = scratch.FilePath("report");
        Assert.Equal(127, Launcher.Run("run", "--report", report, "--", "/no/such/command").ExitCode);
        Assert.False(File.Exists(report));
    }

    [Fact]
    public void ControlCharactersOfTheCommandStayOutOfTheText()
    {
        Outcome outcome = Launcher.Run("run", "--", "true", "\u001b[31mred\nline");
        Assert.DoesNotContain('\u001b', outcome.Error);
        Assert.Contains("true ?[31mred?line", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsLeftInTheTemporaryDirectory()
    {
        using var scratch = new Scratch();
        Launcher.Shell("export TMPDIR=$D; $L run -q -- true; $L run -q -- sh -c 'kill -9 $$'; $L run -q -- /no/such/file; ls -A $D > $D.list", scratch.Path);
        string list = scratch.Path + ".list";
        Assert.Equal("", File.ReadAllText(list));
        File.Delete(list);
    }

    [Fact]
    public void WithoutATemporaryDirectoryThereIsStillAReport()
    {
        Outcome outcome = Launcher.Shell("TMPDIR=/no/such/directory $L run --json -- sleep 0.5");
        Assert.Equal("sample", JsonDocument.Parse(outcome.Error).RootElement.GetProperty("heapSource").GetString());
    }

    [Theory]
    [InlineData(0ul, "0 B")]
    [InlineData(1023ul, "1023 B")]
    [InlineData(1024ul, "1 KiB")]
    [InlineData(1536ul, "1.5 KiB")]
    [InlineData(1048575ul, "1 MiB")]
    [InlineData(88_185_243ul, "84.1 MiB")]
    [InlineData(ulong.MaxValue, "16 EiB")]
    public void SizesReadWell(ulong bytes, string text) => Assert.Equal(text, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, "0.0 ms")]
    [InlineData(0.0032, "3.2 ms")]
    [InlineData(0.042, "42 ms")]
    [InlineData(12.4249, "12.42 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(10_950, "3 h 2 min")]
    public void TimesReadWell(double seconds, string text) => Assert.Equal(text, Units.Time(seconds));

    [Theory]
    [InlineData(0, 8, "")]
    [InlineData(0.0001, 8, "▏")]
    [InlineData(0.5, 8, "████")]
    [InlineData(0.99, 8, "███████▉")]
    [InlineData(1, 8, "████████")]
    [InlineData(7, 2, "██")]
    [InlineData(double.NaN, 8, "")]
    public void ABarIsAsLongAsItsShare(double share, int columns, string bar) => Assert.Equal(bar, Ink.Plain.Bar(share, columns));
}
