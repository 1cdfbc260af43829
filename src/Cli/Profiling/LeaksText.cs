using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// What `leaks` found, for people: each site with the run of its live bytes in one line of bars.
internal static class LeaksText
{
    const int MostGrowing = 10, MostOthers = 5, SeriesColumns = 32;

    /// <summary>What a shorter run grew says nothing of an hour.</summary>
    static readonly TimeSpan s_leastTrendTime = TimeSpan.FromSeconds(10);

    public static string Of(LeakReport report, IReadOnlyList<Profile> profiles, Ink ink)
    {
        var text = new StringBuilder();
        Profile last = profiles[^1];
        ReportText.Header(text, ink, ProfileText.Name(last));
        ReportText.Row(text, ink, "recorded", profiles.Count > 1 ? $"{profiles.Count} files over {Units.Time((report.Times[^1] - report.Times[0]).TotalSeconds)}" : Units.Time(last.Duration.TotalSeconds));
        List<LeakFinding> open = [.. report.Findings.Where(finding => finding.Suppression is null)];
        foreach (LeakVerdict verdict in Enum.GetValues<LeakVerdict>())
        {
            List<LeakFinding> sites = [.. open.Where(finding => finding.Verdict == verdict)];
            ReportText.Row(text, ink, Name(verdict), $"{Units.Count((ulong)sites.Count, "site")}{ink.Dot}{Units.Bytes((ulong)sites.Sum(site => site.Live.Bytes))} live at the end");
        }
        List<LeakFinding> suppressed = [.. report.Findings.Where(finding => finding.Suppression is not null)];
        if (suppressed.Count > 0) ReportText.Row(text, ink, "suppressed", $"{Units.Count((ulong)suppressed.Count, "site")}{ink.Dot}{Units.Bytes((ulong)suppressed.Sum(site => site.Live.Bytes))}");
        if (!report.HasGrowth) ProfileText.Noted(text, ink, "The run was too short to tell who grows, or the file holds only its end.");
        foreach (string remark in profiles.SelectMany(profile => profile.Remarks).Distinct()) ProfileText.Noted(text, ink, remark);

        foreach (LeakVerdict verdict in Enum.GetValues<LeakVerdict>())
        {
            List<LeakFinding> sites = [.. open.Where(finding => finding.Verdict == verdict)];
            if (sites.Count == 0) continue;
            int most = verdict == LeakVerdict.Growing ? MostGrowing : MostOthers;
            text.AppendLine().Append("  ").AppendLine(ink.Title(Title(verdict)));
            foreach (LeakFinding site in sites.Take(most)) Site(text, site, report, ink);
            if (sites.Count > most) text.AppendLine().Append("  ").AppendLine(ink.Label($"and {Units.Count((ulong)(sites.Count - most), "more site")}"));
        }
        if (open.Count == 0) text.Append("\n  Nothing is live at the end.\n");
        return text.ToString();
    }

    static string Name(LeakVerdict verdict) => verdict switch
    {
        LeakVerdict.Growing => "growing",
        LeakVerdict.Remaining => "remaining",
        _ => "settled",
    };

    static string Title(LeakVerdict verdict) => verdict switch
    {
        LeakVerdict.Growing => "growing all the time",
        LeakVerdict.Remaining => "live at the end",
        _ => "not grown since start-up",
    };

    static void Site(StringBuilder text, LeakFinding site, LeakReport report, Ink ink)
    {
        text.AppendLine().Append("  ").Append(site.Verdict == LeakVerdict.Growing ? ink.Warning(Units.Bytes((ulong)site.Live.Bytes)) : Units.Bytes((ulong)site.Live.Bytes))
            .Append(ink.Label($" live in {Units.Count((ulong)Math.Round(site.Live.Count), "block")}"));
        bool hasTrend = site.Verdict == LeakVerdict.Growing && report.Times[^1] - report.Times[0] >= s_leastTrendTime && site.TrendBytesPerHour >= 1;
        if (hasTrend) text.Append(ink.Label($"{ink.Dot}{Units.Bytes((ulong)site.TrendBytesPerHour)} more an hour"));
        text.AppendLine();
        if (report.HasGrowth && site.Series.Count > 1)
        {
            string bars = Bars(site.Series, ink);
            text.Append("    ").Append(ink.Glow(bars)).AppendLine(ink.Label(
                $"  thirds {Units.Bytes((ulong)site.FirstThirdBytes)}, {Units.Bytes((ulong)site.MiddleThirdBytes)}, {Units.Bytes((ulong)site.LastThirdBytes)}"));
        }
        ProfileText.Stack(text, site.Frames, ink);
    }

    /// <summary>One character a moment, as high as what was live then.</summary>
    internal static string Bars(IReadOnlyList<long> series, Ink ink)
    {
        string heights = ink.HasUnicode ? "▁▂▃▄▅▆▇█" : "_.:-=+*#";
        long most = Math.Max(1, series.Max());
        int columns = Math.Min(series.Count, SeriesColumns);
        var bars = new StringBuilder(columns);
        for (int i = 0; i < columns; i++)
        {
            // The last of the points that share this column, so that the end is the end.
            long value = series[(i + 1) * series.Count / columns - 1];
            bars.Append(value <= 0 ? ' ' : heights[(int)Math.Min(heights.Length - 1, value * (double)heights.Length / most)]);
        }
        return bars.ToString();
    }
}
