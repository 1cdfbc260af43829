using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

public class StatsTests
{
    /// <summary>A program that keeps 1000 blocks of 10,000 bytes, and says when it has them.</summary>
    const string Keeper = """
        #include <stdlib.h>
        #include <stdio.h>
        #include <string.h>
        #include <unistd.h>
        int main(void) {
            for (int i = 0; i < 1000; i++) memset(malloc(10000), 1, 10000);
            puts("ready"); fflush(stdout);
            sleep(30);
            return 0;
        }
        """;

    static void AssertKeeps(string json)
    {
        JsonElement report = JsonDocument.Parse(json).RootElement, heap = report.GetProperty("heap");
        Assert.InRange(heap.GetProperty("liveBytes").GetInt64(), 10_000_000, 13_000_000);
        Assert.InRange(heap.GetProperty("liveCount").GetInt64(), 1000, 1100);
        Assert.InRange(report.GetProperty("rssBytes").GetInt64(), 10_000_000, 30_000_000);
        Assert.Equal("keeper", report.GetProperty("program").GetString());
    }

    [Fact]
    public void ALiveHeapIsReadFromOutside()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));

        Outcome json = Launcher.Run("stats", "--json", keeper.Id), text = Launcher.Run("stats", keeper.Id);

        AssertKeeps(json.Output);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains($"process {keeper.Id} · keeper", text.Output, StringComparison.Ordinal);
        Assert.All(text.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Equal('S', ProcessStatus.Read(keeper.Process.Id)!.Value.State);
    }

    [Fact]
    public void SoIsOneThatWasLinkedStatically()
    {
        using var scratch = new Scratch();
        string archive = Path.Combine(Launcher.RepoRoot, "artifacts/native/liblampyris.a");
        using var keeper = new Running(scratch.Compile("keeper", Keeper, archive, "-lpthread", "-ldl", "-rdynamic"));

        AssertKeeps(Launcher.Run("stats", "--json", keeper.Id).Output);
    }

    [Fact]
    public void SoIsOneWhoseLibraryWasReplacedMeanwhile()
    {
        using var scratch = new Scratch();
        string library = scratch.FilePath("liblampyris.so");
        File.Copy(Launcher.LibraryPath, library);
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", library));
        File.Delete(library);
        File.WriteAllText(library, "another file");

        AssertKeeps(Launcher.Run("stats", "--json", keeper.Id).Output);
    }

    [Fact]
    public void TheSymbolIsFoundInMemoryToo()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));
        using var memory = new ProcessMemory(keeper.Process.Id);
        FileMapping library = ProcessMaps.Read(keeper.Process.Id).First(mapping => mapping.FileName == "liblampyris.so" && mapping.Offset == 0);

        Assert.Equal(HeapLocator.FindRoot(keeper.Process.Id, memory), ElfImage.FindSymbol(memory, library.Start, HeapLocator.RootSymbol));
        Assert.NotNull(HeapLocator.FindRoot(keeper.Process.Id, memory));
        Assert.Null(ElfImage.FindSymbol(memory, library.Start, "no_such_symbol"u8));
        Assert.Null(ElfImage.FindSymbol(memory, library.Start + 4096, HeapLocator.RootSymbol));
    }

    [Fact]
    public void WatchPrintsALineASecondUntilInterrupted()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));

        Outcome text = Launcher.Shell($"$L stats --watch {keeper.Id} & sleep 3; kill -TERM $!; wait $!; echo code=$?");
        Outcome json = Launcher.Shell($"$L stats --watch --json {keeper.Id} | head -n 2");

        string[] lines = text.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 3, 6);
        Assert.StartsWith("time ", lines[0], StringComparison.Ordinal);
        Assert.Equal("code=0", lines[^1]);
        Assert.Equal(2, json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), AssertKeeps);
    }

    [Fact]
    public void WatchOnATerminalEndsCleanlyOnCtrlC()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));

        Outcome outcome = Launcher.Terminal($"type:$L stats --watch {keeper.Id}; echo done=$?\\r", "until:allocations a second", "type:\\x03", "until:done=0");

        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
        Assert.Contains("\u001b[?25h", outcome.Output, StringComparison.Ordinal);       // the cursor is back
    }

    [Fact]
    public void AProcessThatEndsUnderTheWatchersEyesIsTold()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("keeper", Keeper.Replace("sleep(30)", "sleep(2)", StringComparison.Ordinal));
        using var keeper = new Running(program, ("LD_PRELOAD", Launcher.LibraryPath));

        Outcome outcome = Launcher.Run("stats", "--watch", keeper.Id);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"lampyris: process {keeper.Id} has ended\n", outcome.Error);
    }

    [Fact]
    public void AProcessWithoutLampyrisIsTold()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper));

        Outcome outcome = Launcher.Run("stats", keeper.Id);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"lampyris: process {keeper.Id} (keeper) does not run on Lampyris\n", outcome.Error);
        Assert.Empty(outcome.OutputBytes);
    }

    [Fact]
    public void AProcessThatIsNotThereIsTold()
    {
        Outcome outcome = Launcher.Run("stats", "4194000");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("lampyris: no process 4194000\n", outcome.Error);
    }

    [Fact]
    public void AProcessOfSomeoneElseIsTold()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to be someone else");
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));
        // The program itself, since nobody may not read the repository here.
        string copy = scratch.FilePath("cli");
        Launcher.Shell($"cp -r {Path.GetDirectoryName(Launcher.LibraryPath)}/../cli {copy}; chmod -R a+rX {copy}");

        Outcome outcome = Launcher.Shell($"cd /; HOME=/tmp setpriv --reuid 65534 --clear-groups dotnet {copy}/lampyris.dll stats {keeper.Id}");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"lampyris: no permission to read process {keeper.Id}: it belongs to user 0; try sudo\n", outcome.Error);
    }

    [Theory]
    [InlineData("MAGIC, 99", "runs on another version of Lampyris (heap format 99,")]
    [InlineData("12345, 1", "has a heap that is not ours")]
    [InlineData("0, 0", "has Lampyris loaded, but has not allocated anything yet")]
    public void AHeapOfAnotherKindIsTold(string words, string message)
    {
        using var scratch = new Scratch();
        string values = words.Replace("MAGIC", $"{HeapSnapshot.MagicNumber}ul", StringComparison.Ordinal);
        string program = scratch.Compile("keeper", $"unsigned long lampyris_root[65536] = {{ {values} }};\n" + Keeper);
        using var keeper = new Running(program);

        Outcome outcome = Launcher.Run("stats", keeper.Id);

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"lampyris: process {keeper.Id} {message}", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(1, outcome.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void AHeapFullOfNonsenseDoesNotHurtTheReader()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("keeper", $$"""
            unsigned long lampyris_root[1 << 16] = { {{HeapSnapshot.MagicNumber}}ul, {{HeapRoot.CurrentVersion}} };
            __attribute__((constructor)) static void fill(void) {
                unsigned long x = 88172645463325252ul;
                for (int i = 2; i < 1 << 16; i++) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; lampyris_root[i] = x; }
            }
            """ + "\n" + Keeper);
        using var keeper = new Running(program);

        Outcome outcome = Launcher.Run("stats", keeper.Id);

        Assert.InRange(outcome.ExitCode, 0, 1);
        Assert.DoesNotContain("internal error", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheProcessDoesNotNoticeAThousandReadings()
    {
        using var scratch = new Scratch();
        using var keeper = new Running(scratch.Compile("keeper", Keeper), ("LD_PRELOAD", Launcher.LibraryPath));
        using var heap = LiveHeap.Open(keeper.Process.Id);
        string Switches() => File.ReadLines($"/proc/{keeper.Id}/status").Single(line => line.StartsWith("voluntary", StringComparison.Ordinal));
        Thread.Sleep(1000);     // its purger may have had something to do
        string before = Switches();

        for (int i = 0; i < 1000; i++) Assert.InRange(heap.Read().Heap.LiveCount, 1000ul, 1100ul);

        Assert.Equal(before, Switches());
    }
}
