using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>What the run of a site's live bytes says of it; the most suspicious first.</summary>
public enum LeakVerdict
{
    /// <summary>It has gone on growing all the time.</summary>
    Growing,

    /// <summary>It is live at the end, and came up after start-up.</summary>
    Remaining,

    /// <summary>It was there soon after the start and has not grown since: a table, a cache, a pool.</summary>
    Settled,
}

/// <summary>One site that is live at the end, with the evidence.</summary>
/// <param name="Frames">outermost first</param>
/// <param name="Verdict">what the series says</param>
/// <param name="Live">at the end</param>
/// <param name="Series">live bytes at even steps through the run, or at the end of each file</param>
/// <param name="FirstThirdBytes">mean of the series' first third</param>
/// <param name="MiddleThirdBytes">mean of its second third</param>
/// <param name="LastThirdBytes">mean of its last third</param>
/// <param name="RiseShare">how much of all that went up and down went up; 1: it never fell</param>
/// <param name="TrendBytesPerHour">slope of the straight line through the series</param>
/// <param name="Suppression">by which line it is accepted, or null</param>
public sealed record LeakFinding(
    IReadOnlyList<Frame> Frames, LeakVerdict Verdict, Weight Live, IReadOnlyList<long> Series, double FirstThirdBytes, double MiddleThirdBytes,
    double LastThirdBytes, double RiseShare, double TrendBytesPerHour, Suppression? Suppression)
{
    public double GrowthBytes => LastThirdBytes - FirstThirdBytes;
}

/// <summary>All that is live at the end, most suspicious first, suppressed sites included.</summary>
/// <param name="Findings">steady growers by what they grew, then by what is live</param>
/// <param name="Times">of the series' points, from the start of the (first) recording</param>
/// <param name="HasGrowth">whether there were enough points to tell who grows</param>
public sealed record LeakReport(IReadOnlyList<LeakFinding> Findings, IReadOnlyList<TimeSpan> Times, bool HasGrowth);

// Finds what a program does not give back. No profiler sees which blocks can still be reached; but what a working program keeps stops
// growing, and what leaks does not.
public static class LeakFinder
{
    /// <summary>Fewer points through a run are too few to tell growth from chance.</summary>
    public const int LeastPoints = 8;

    const double LeastRiseShare = 0.75;         // of all movement; a steady state that swings has one half
    const double LeastLateShare = 0.25;         // of the growth between first and last third, after the middle; a straight line has one half
    const double LeastGrowthShare = 0.05;       // of what is live
    const double LeastGrowthPerFall = 2;        // of the deepest fall: blocks in flight come and go, what leaks stays
    const int LeastRises = 4;                   // steps up: one or two may be a table that doubled
    const double SettledShare = 0.95;           // of what is live, already there after the first third
    const long SamplesOfChance = 2;             // growth by fewer samples is chance

    /// <summary>From one run; the profile was read with its series.</summary>
    public static LeakReport Find(Profile profile, Suppressions suppressions)
    {
        IReadOnlyList<TimeSpan> times = profile.SeriesTimes;
        bool hasGrowth = times.Count >= LeastPoints;
        var findings = new List<LeakFinding>();
        foreach (SiteRow row in SiteTable.Of(profile.Sites, Metric.Live))
        {
            long[] series = new long[times.Count];
            foreach (Site site in row.Sites)
            {
                for (int i = 0; i < series.Length && i < site.LiveSeries.Count; i++) series[i] += site.LiveSeries[i];
            }
            LeakFinding evidence = Evidence(row.Frames, row.Weights.Live, series, times, suppressions);
            findings.Add(evidence with { Verdict = hasGrowth ? Judge(evidence, profile.IntervalBytes) : LeakVerdict.Remaining });
        }
        return new LeakReport(Ranked(findings), times, hasGrowth);
    }

    /// <summary>From what was live at the end of each of several files, in this order.</summary>
    public static LeakReport Find(IReadOnlyList<Profile> profiles, Suppressions suppressions)
    {
        TimeSpan[] times = [.. profiles.Select(profile => profile.Started - profiles[0].Started + profile.Duration)];
        var stacks = new Dictionary<StackName, (IReadOnlyList<Frame> Frames, long[] Series, Weight Live)>();
        for (int i = 0; i < profiles.Count; i++)
        {
            foreach (SiteRow row in SiteTable.Of(profiles[i].Sites, Metric.Live))
            {
                var name = new StackName(row.Frames, hasLines: true);
                if (!stacks.TryGetValue(name, out var stack)) stack = (row.Frames, new long[profiles.Count], default);
                stack.Series[i] = row.Weights.Live.Bytes;
                if (i == profiles.Count - 1) stack.Live = row.Weights.Live;
                stacks[name] = stack;
            }
        }
        long interval = profiles.Max(profile => profile.IntervalBytes);
        var findings = new List<LeakFinding>();
        foreach (var stack in stacks.Values)
        {
            if (stack.Live.Bytes <= 0) continue;
            LeakFinding evidence = Evidence(stack.Frames, stack.Live, stack.Series, times, suppressions);
            findings.Add(evidence with { Verdict = JudgeFiles(stack.Series, interval) });
        }
        return new LeakReport(Ranked(findings), times, HasGrowth: true);
    }

    static LeakVerdict Judge(LeakFinding site, long intervalBytes)
    {
        IReadOnlyList<long> series = site.Series;
        int rises = 0;
        long peak = series[0], deepestFall = 0;
        for (int i = 1; i < series.Count; i++)
        {
            if (series[i] > series[i - 1]) rises++;
            peak = Math.Max(peak, series[i]);
            deepestFall = Math.Max(deepestFall, peak - series[i]);
        }
        bool isGrowing = rises >= LeastRises
            && site.RiseShare >= LeastRiseShare
            && site.LastThirdBytes - site.MiddleThirdBytes >= LeastLateShare * site.GrowthBytes
            && IsMoreThanChance(site.GrowthBytes, site.LastThirdBytes, intervalBytes)
            && site.GrowthBytes >= LeastGrowthPerFall * deepestFall;
        if (isGrowing) return LeakVerdict.Growing;
        return series[series.Count / 3] >= SettledShare * series[^1] ? LeakVerdict.Settled : LeakVerdict.Remaining;
    }

    static LeakVerdict JudgeFiles(long[] series, long intervalBytes)
    {
        bool isRising = true, isFlat = true;
        for (int i = 1; i < series.Length; i++)
        {
            isRising &= series[i] > series[i - 1];
            isFlat &= series[i] <= series[i - 1] / SettledShare;
        }
        if (isRising && IsMoreThanChance(series[^1] - series[0], series[^1], intervalBytes)) return LeakVerdict.Growing;
        return isFlat ? LeakVerdict.Settled : LeakVerdict.Remaining;
    }

    static bool IsMoreThanChance(double growthBytes, double liveBytes, long intervalBytes) =>
        growthBytes > 0 && growthBytes >= LeastGrowthShare * liveBytes && (intervalBytes <= 1 || growthBytes >= SamplesOfChance * intervalBytes);

    static LeakFinding Evidence(IReadOnlyList<Frame> frames, Weight live, long[] series, IReadOnlyList<TimeSpan> times, Suppressions suppressions)
    {
        double up = 0, down = 0;
        for (int i = 1; i < series.Length; i++)
        {
            if (series[i] > series[i - 1]) up += series[i] - series[i - 1];
            else down += series[i - 1] - series[i];
        }
        int third = Math.Max(1, series.Length / 3);
        return new LeakFinding(
            frames, LeakVerdict.Remaining, live, series,
            Mean(series, 0, third), Mean(series, third, series.Length - third), Mean(series, series.Length - third, series.Length),
            up + down > 0 ? up / (up + down) : 0, Slope(series, times), suppressions.Find(frames));
    }

    static double Mean(long[] series, int from, int to)
    {
        double sum = 0;
        for (int i = from; i < to; i++) sum += series[i];
        return to > from ? sum / (to - from) : 0;
    }

    /// <summary>Least squares, in bytes an hour; 0 where there is no time between the points.</summary>
    static double Slope(long[] series, IReadOnlyList<TimeSpan> times)
    {
        if (series.Length < 2) return 0;
        double meanTime = times.Average(time => time.TotalHours), meanBytes = series.Average(), above = 0, below = 0;
        for (int i = 0; i < series.Length; i++)
        {
            double time = times[i].TotalHours - meanTime;
            above += time * (series[i] - meanBytes);
            below += time * time;
        }
        return below > 0 ? above / below : 0;
    }

    static List<LeakFinding> Ranked(List<LeakFinding> findings) =>
    [
        .. findings.OrderBy(finding => finding.Verdict)
            .ThenByDescending(finding => finding.Verdict == LeakVerdict.Growing ? finding.GrowthBytes : 0)
            .ThenByDescending(finding => finding.Live.Bytes),
    ];
}
