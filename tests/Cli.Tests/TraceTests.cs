using System;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace Lampyris.Cli.Tests;

public class TraceTests
{
    static readonly ChildEvent s_end = new(ChildEventKind.Exited, 0, false);

    static TraceReport Tally(params string[] lines)
    {
        var tally = new TraceTally();
        foreach (string line in lines) tally.Read(line);
        return tally.Report(["x"], s_end);
    }

    static (ulong Count, ulong Bytes) Of(TraceReport report, MemoryCall call) => (report.Of(call).CallCount, report.Of(call).Bytes);

    [Theory]
    [InlineData("7  brk(NULL)                        = 0x55d0", 7, "brk", "NULL", 0x55d0ul, false)]
    [InlineData("7     munmap(0x7f00, 4096)             = 0", 7, "munmap", "0x7f00, 4096", 0ul, false)]
    [InlineData("81234 mmap(NULL, 9, PROT_NONE, MAP_PRIVATE, 3</a = b (c)>, 0) = 0x7f00", 81234, "mmap", "NULL, 9, PROT_NONE, MAP_PRIVATE, 3</a = b (c)>, 0", 0x7f00ul, false)]
    [InlineData("7 mremap(0x1, 2, 3, 0) = -1 ENOMEM (Cannot allocate memory)", 7, "mremap", "0x1, 2, 3, 0", null, true)]
    [InlineData("7 munmap(0x1, 2) = ?", 7, "munmap", "0x1, 2", null, false)]
    public void ACallIsRead(string line, int processId, string name, string arguments, ulong? result, bool hasFailed) =>
        Assert.Equal(new StracedCall(processId, name, arguments, result, hasFailed), new StraceLog().Read(line, out _));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("7 +++ exited with 0 +++")]
    [InlineData("7 --- SIGCHLD {si_signo=SIGCHLD} ---")]
    [InlineData("7 brk(NULL")]
    [InlineData("7 brk(NULL) = 1 = 2")]
    [InlineData("7 <... brk resumed>) = 0x1")]
    [InlineData("7 <... brk")]
    [InlineData("brk(NULL) = 0x1")]
    [InlineData("99999999999 brk(NULL) = 0x1")]
    [InlineData("7 (NULL) = 0x1")]
    [InlineData("0 brk(NULL) = 0x1")]
    [InlineData("strace: Process 7 attached")]
    public void WhatIsNoCallIsPassedOver(string line) => Assert.Null(new StraceLog().Read(line, out _));

    [Fact]
    public void ACallCutInTwoIsPutTogether()
    {
        var log = new StraceLog();
        Assert.Null(log.Read("7 mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>", out _));
        Assert.Equal("brk", log.Read("8 brk(NULL) = 0x1", out _)!.Value.Name);
        StracedCall call = log.Read("7 <... mmap resumed>) = 0x7f00", out _)!.Value;
        Assert.Equal((7, "mmap", "NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0", (ulong?)0x7f00), (call.ProcessId, call.Name, call.Arguments, call.Result));
    }

    [Fact]
    public void TheLoadersOwnCallsAreNotTheAllocators()
    {
        TraceReport report = Tally(
            "7 execve(\"/x\", [\"x\"], 0x7ffe /* 9 vars */) = 0",
            "7 brk(NULL) = 0x1000",
            "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x700000",
            "7 mmap(NULL, 29979, PROT_READ, MAP_PRIVATE, 3</etc/ld.so.cache>, 0) = 0x800000",
            "7 mmap(NULL, 100000, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3</lib/libc.so.6>, 0) = 0x900000",
            "7 mmap(0x904000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x904000",
            "7 mprotect(0x901000, 4096, PROT_READ) = 0",
            "7 munmap(0x800000, 29979) = 0",
            "7 brk(0x22000) = 0x22000",
            "7 brk(0x12000) = 0x12000",
            "7 mmap(NULL, 135168, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xa00000",
            "7 mmap(NULL, 135168, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)",
            "7 mremap(0xa00000, 135168, 2097152, MREMAP_MAYMOVE) = 0xb00000",
            "7 madvise(0xb00000, 4096, MADV_DONTNEED) = 0",
            "7 munmap(0xb00000, 2097152) = 0",
            "7 munmap(0x900000, 100000) = 0",
            "7 mmap(NULL, 8392704, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK, -1, 0) = 0xc00000",
            "7 mprotect(0xc01000, 8388608, PROT_READ|PROT_WRITE) = 0");

        Assert.Equal((1ul, 0x21000ul), Of(report, MemoryCall.BrkGrow));
        Assert.Equal((1ul, 0x10000ul), Of(report, MemoryCall.BrkShrink));
        Assert.Equal((1ul, 135168ul), Of(report, MemoryCall.Mmap));
        Assert.Equal(1ul, report.Of(MemoryCall.Mmap).FailedCount);
        Assert.Equal((1ul, 2097152ul), Of(report, MemoryCall.Mremap));
        Assert.Equal((1ul, 4096ul), Of(report, MemoryCall.Madvise));
        Assert.Equal((1ul, 2097152ul), Of(report, MemoryCall.Munmap));
        Assert.Equal((0ul, 0ul), Of(report, MemoryCall.Mprotect));
        Assert.Equal(135168ul, report.SmallestMmapBytes);
        Assert.Equal((6ul, 3ul, 1ul), (report.LoaderCallCount, report.OtherCallCount, report.ProgramCount));
        Assert.Equal([0ul, 1, 0, 0], report.Of(MemoryCall.Mmap).Sizes.Select(size => size.CallCount));
        Assert.Equal([0ul, 0, 1, 0], report.Of(MemoryCall.Mremap).Sizes.Select(size => size.CallCount));
    }

    // A forked child goes on from its parent's break, a thread shares it, and a child may be heard of before its parent's call returns.
    [Fact]
    public void EachAddressSpaceHasItsOwnBreak()
    {
        TraceReport report = Tally(
            "7 execve(\"/x\", [\"x\"], 0x7ffe) = 0",
            "7 brk(NULL) = 0x1000",
            "7 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 8",
            "8 brk(0x2000) = 0x2000",
            "7 brk(0x3000) = 0x3000",
            "7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, child_tid=0x7f} <unfinished ...>",
            "9 brk(0x5000) = 0x5000",
            "7 <... clone3 resumed> => {parent_tid=[9]}, 88) = 9",
            "7 brk(0x6000) = 0x6000",
            "8 execve(\"/y\", [\"y\"], 0x7ffe) = 0",
            "8 brk(NULL) = 0x900000",
            "8 brk(0x901000) = 0x901000",
            "8 brk(0x902000) = 0x901000");

        Assert.Equal((5ul, 0x1000ul + 0x2000 + 0x2000 + 0x1000 + 0x1000), Of(report, MemoryCall.BrkGrow));
        Assert.Equal(1ul, report.Of(MemoryCall.BrkGrow).FailedCount);
        Assert.Equal((2ul, 3ul), (report.ProgramCount, report.TaskCount));
    }

    [Fact]
    public void AnyDamagedLogIsTalliedWithoutHarm()
    {
        const string Log = "7 execve(\"/x\", [\"x\"], 0x7ffe) = 0\n7 mmap(NULL, 99, PROT_READ, MAP_PRIVATE, 3</etc/ld.so.cache>, 0) = 0x8000\n7 munmap(0x8000, 99) = 0\n7 brk(NULL <unfinished ...>\n8 brk(0x2000) = 0x2000\n7 <... brk resumed>) = 0x1000\n7 clone3({flags=CLONE_VM}, 88) = 9\n9 mremap(0x1, 2, 3, 0) = 0x4\n";
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 3000; i++)
        {
            char[] damaged = Log.ToCharArray();
            for (int change = random.Next(1, 10); change > 0; change--) damaged[random.Next(damaged.Length)] = "0179 (),=<>\nxfbrk-\u00e4"[random.Next(19)];
            TraceReport report = Tally(new string(damaged).Split('\n'));
            Assert.Equal(TraceReport.Limits.Count, report.Calls[0].Sizes.Count);
        }
    }

    // Goal: glibc's limit of 128 KiB shows. 1000 blocks of 1000 bytes come by brk, 10 of 2 MiB each by an mmap of its own.
    [Fact]
    public void GlibcTakesSmallBlocksByBrkAndLargeOnesByMmap()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("sizes", """
            #include <stdio.h>
            #include <stdlib.h>
            static void *volatile keep;
            int main(void) {
                for (int i = 0; i < 1000; i++) keep = malloc(1000);
                for (int i = 0; i < 10; i++) keep = malloc(2 << 20);
                puts("done");
                return 5;
            }
            """);

        Outcome json = Launcher.Run("inspect", "--trace", "--json", "--", program), text = Launcher.Run("inspect", "--trace", "--", program);

        Assert.Equal((5, 5, "done\n", "done\n"), (json.ExitCode, text.ExitCode, json.Output, text.Output));
        JsonElement report = JsonDocument.Parse(json.Error).RootElement;
        JsonElement Call(string name) => report.GetProperty("calls").EnumerateArray().Single(call => call.GetProperty("call").GetString() == name);
        Assert.InRange(Call("brkGrow").GetProperty("bytes").GetInt64(), 1_000_000, 1_300_000);
        Assert.Equal(10, Call("mmap").GetProperty("callCount").GetInt64());
        Assert.Equal([0, 0, 10, 0], Call("mmap").GetProperty("sizes").EnumerateArray().Select(size => size.GetProperty("callCount").GetInt32()));
        Assert.InRange(Call("mmap").GetProperty("bytes").GetInt64(), 20 << 20, (20 << 20) + 100_000);
        Assert.InRange(report.GetProperty("loaderCallCount").GetInt64(), 5, 50);
        Assert.Contains("10 calls, the smallest of ", text.Error, StringComparison.Ordinal);
        Assert.All(text.Error.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void ASignalReachesTheCommandAndTheReportItsFile()
    {
        using var scratch = new Scratch();
        string ready = scratch.FilePath("ready"), report = scratch.FilePath("report");
        Outcome outcome = Launcher.Shell($$"""
            $L inspect --trace --json --report {{report}} -- sh -c 'trap "exit 9" TERM; touch {{ready}}; while :; do sleep 0.1; done' &
            until [ -e {{ready}} ]; do sleep 0.1; done
            kill -TERM $!; wait $!
            """);
        Assert.Equal((9, "", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Equal(9, JsonDocument.Parse(System.IO.File.ReadAllText(report)).RootElement.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void ACommandThatIsMissingOrAMissingStraceIsTold()
    {
        Outcome command = Launcher.Run("inspect", "--trace", "--", "/no/such/program");
        Assert.Equal((127, "lampyris: /no/such/program: No such file or directory\n"), (command.ExitCode, command.Error));

        Outcome strace = Launcher.Shell("dotnet=$(readlink -f \"$(command -v dotnet)\"); PATH=/nowhere \"$dotnet\" \"${L%/*}/artifacts/cli/lampyris.dll\" inspect --trace -- /bin/true");
        Assert.Equal((1, "lampyris: strace is not installed (Debian package strace)\n"), (strace.ExitCode, strace.Error));
    }
}
