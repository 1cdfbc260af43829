using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using static Lampyris.Analysis.Tests.Sample;

namespace Lampyris.Analysis.Tests;

public class LeakFinderTests
{
    // A run of 1000 steps with one site of each known kind.
    static void Run(ProfileWriter writer)
    {
        int thread = writer.Thread("main");
        string[] names = ["leak", "slow_leak_on_a_table", "table", "swinging_cache", "late_buffer", "returned_at_the_end"];
        int[] stacks = [.. names.Select((_, i) => writer.Stack(thread, StackTraits.Complete, [(ulong)i + 1, 100]))];
        var random = new Random(7);
        long swinging = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i < 100) writer.Allocation(Ms(i), stacks[2], Bytes(50_000));
            if (i == 0) writer.Allocation(Ms(i), stacks[1], Bytes(500_000));
            if (i % 3 == 0) writer.Allocation(Ms(i), stacks[0], Bytes(10_000));
            if (i % 2 == 0) writer.Allocation(Ms(i), stacks[1], Bytes(1_000));
            if (swinging > 0 && random.Next(100_000) < swinging / 10)
            {
                writer.Free(Ms(i), stacks[3], Bytes(20_000));
                swinging -= 20_000;
            }
            else
            {
                writer.Allocation(Ms(i), stacks[3], Bytes(20_000));
                swinging += 20_000;
            }
            if (i == 700) writer.Allocation(Ms(i), stacks[4], Bytes(3_000_000));
            writer.Allocation(Ms(i), stacks[5], Bytes(4_000));
        }
        writer.Free(Ms(1000), stacks[5], Bytes(3_900_000, 975));
        writer.End(Ms(1001), EndReason.ProcessEnded);
        for (int i = 0; i < names.Length; i++) writer.Symbol((ulong)i + 1, [Native(names[i], file: names[i] + ".c")]);
        writer.Symbol(100, [Native("main")]);
    }

    static LeakReport Find(Action<ProfileWriter> records, Suppressions? suppressions = null) =>
        LeakFinder.Find(Read(Write(records, intervalBytes: 1), hasSeries: true), suppressions ?? Suppressions.None);

    [Fact]
    public void SteadyGrowersComeFirstAndWhatSettledLast()
    {
        LeakReport report = Find(Run);

        Assert.True(report.HasGrowth);
        Dictionary<string, LeakVerdict> verdicts = report.Findings.ToDictionary(finding => finding.Frames[^1].Function, finding => finding.Verdict);
        Assert.Equal(LeakVerdict.Growing, verdicts["leak"]);
        Assert.Equal(LeakVerdict.Growing, verdicts["slow_leak_on_a_table"]);
        Assert.Equal(LeakVerdict.Settled, verdicts["table"]);
        Assert.NotEqual(LeakVerdict.Growing, verdicts["swinging_cache"]);
        Assert.Equal(LeakVerdict.Remaining, verdicts["late_buffer"]);
        Assert.NotEqual(LeakVerdict.Growing, verdicts["returned_at_the_end"]);
        Assert.Equal("leak", report.Findings[0].Frames[^1].Function);
        Assert.Equal("slow_leak_on_a_table", report.Findings[1].Frames[^1].Function);
        Assert.Equal(report.Findings.OrderBy(finding => finding.Verdict), report.Findings);

        LeakFinding leak = report.Findings[0];
        Assert.Equal(3_340_000, leak.Live.Bytes);
        Assert.Equal(1, leak.RiseShare);
        Assert.InRange(leak.TrendBytesPerHour, 0.95 * 3_340_000 * 3600, 1.05 * 3_340_000 * 3600);
        Assert.InRange(leak.GrowthBytes, 0.6 * 3_340_000, 0.7 * 3_340_000);
    }

    // Goal: a busy site isn't taken for a leak because its last bursts were its greatest. Method: a site with one burst of four buffers
    // early and a greater one late, nothing between them; beside it, one that swings by as much while it leaks far more.
    [Fact]
    public void BlocksThatCameBackBetweenBurstsAreNoGrowth()
    {
        LeakReport report = Find(writer =>
        {
            int thread = writer.Thread("t");
            int bursts = writer.Stack(thread, StackTraits.Complete, [1]), leak = writer.Stack(thread, StackTraits.Complete, [2]);
            for (int i = 0; i < 1000; i++)
            {
                writer.Allocation(Ms(i), leak, Bytes(3_000));
                if (i is >= 150 and < 400 && i % 50 == 0) writer.Allocation(Ms(i), bursts, Bytes(20_000));
                if (i == 400) writer.Free(Ms(i), bursts, Bytes(100_000, 5));
                if (i is >= 700 && i % 50 == 0) writer.Allocation(Ms(i), bursts, Bytes(60_000));
                if (i % 200 == 50) writer.Allocation(Ms(i), leak, Bytes(100_000));
                if (i % 200 == 150) writer.Free(Ms(i), leak, Bytes(100_000));
            }
            writer.End(Ms(1001), EndReason.ProcessEnded);
        });

        LeakFinding busy = Assert.Single(report.Findings, finding => finding.Frames[0].Function == "0x1");
        Assert.InRange(busy.RiseShare, 0.75, 1);
        Assert.NotEqual(LeakVerdict.Growing, busy.Verdict);
        Assert.Equal(LeakVerdict.Growing, Assert.Single(report.Findings, finding => finding.Frames[0].Function == "0x2").Verdict);
    }

    [Fact]
    public void AShortRunIsNotJudged()
    {
        LeakReport report = Find(writer =>
        {
            int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [1]);
            for (int i = 0; i < 5; i++) writer.Allocation(TimeSpan.FromMicroseconds(100 * i), stack, Bytes(1000));
        });

        Assert.False(report.HasGrowth);
        Assert.Equal(LeakVerdict.Remaining, Assert.Single(report.Findings).Verdict);
    }

    [Fact]
    public void FromFileToFileOnlyWhatRoseEachTimeIsGrowing()
    {
        long[][] sites = [[100_000, 200_000, 300_000], [500_000, 500_000, 500_000], [100_000, 900_000, 800_000], [0, 70_000, 90_000], [300_000, 100_000, 0]];
        Profile[] profiles = [.. Enumerable.Range(0, 3).Select(file => Read(writer =>
        {
            int thread = writer.Thread("t");
            for (int i = 0; i < sites.Length; i++)
            {
                int stack = writer.Stack(thread, StackTraits.Complete, [(ulong)i + 1]);
                if (sites[i][file] > 0) writer.Allocation(Ms(1), stack, Bytes(sites[i][file]));
            }
            writer.End(Ms(1000 * (file + 1)), EndReason.Dump);
        }))];

        LeakReport report = LeakFinder.Find(profiles, Suppressions.None);

        Assert.Equal(
            [("0x1", LeakVerdict.Growing), ("0x4", LeakVerdict.Growing), ("0x3", LeakVerdict.Remaining), ("0x2", LeakVerdict.Settled)],
            report.Findings.Select(finding => (finding.Frames[0].Function, finding.Verdict)));
        Assert.Equal([100_000, 200_000, 300_000], report.Findings[0].Series);
    }

    [Fact]
    public void ASuppressedSiteStaysInTheReportWithItsPattern()
    {
        LeakReport report = Find(Run, Suppressions.Parse(["# known", "", "leak:^leak$", "leak:never_there"], "known.txt"));

        LeakFinding suppressed = Assert.Single(report.Findings, finding => finding.Suppression is not null);
        Assert.Equal(("leak", "^leak$", 3), (suppressed.Frames[^1].Function, suppressed.Suppression!.Pattern, suppressed.Suppression.LineNumber));
    }
}
