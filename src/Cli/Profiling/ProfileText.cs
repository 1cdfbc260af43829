using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// A profile for people at a terminal: what was recorded, the largest functions, the largest sites.
internal static class ProfileText
{
    const int MostFunctions = 12, MostSites = 5;
    const int LabelColumns = 11, SizeColumns = 11, ShareColumns = 7;

    public static string Of(Profile profile, Metric metric, Ink ink)
    {
        var text = new StringBuilder();
        ReportText.Header(text, ink, Name(profile));
        Summary(text, profile, ink);
        double total = Weights.Sum(profile.Sites).Value(metric);
        if (total > 0)
        {
            var functions = TopFunctions.Of(profile.Sites, hasCalls: false);
            Functions(text, functions.BySelf(metric), metric, total, ink, "by function");
            Functions(text, functions.ByTotal(metric), metric, total, ink, "with callees");
            Sites(text, SiteTable.Of(profile.Sites, metric), metric, total, ink);
        }
        else
        {
            text.Append("\n  Nothing ").Append(metric is Metric.Live ? "is live at the end" : "was recorded").Append(".\n");
        }
        return text.ToString();
    }

    internal static string Name(Profile profile) => profile.Command.Count > 0 ? string.Join(' ', profile.Command)
        : profile.Executable.Length > 0 ? profile.Executable : $"process {profile.ProcessId}";

    static void Summary(StringBuilder text, Profile profile, Ink ink)
    {
        var native = Weights.Sum(profile.Sites.Where(site => !site.IsGcHeap));
        var managed = Weights.Sum(profile.Sites.Where(site => site.IsGcHeap));
        string started = profile.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        ReportText.Row(text, ink, "recorded", $"{Units.Time(profile.Duration.TotalSeconds)} from {started} UTC{ink.Dot}process {profile.ProcessId}");
        ReportText.Row(text, ink, "live", $"{Units.Bytes((ulong)native.Live.Bytes)} in {Number(native.Live.Count, "block")} at the end");
        ReportText.Row(text, ink, "peak", $"{Units.Bytes((ulong)native.Peak.Bytes)} in {Number(native.Peak.Count, "block")} after {Units.Time(profile.PeakTime.TotalSeconds)}");
        ReportText.Row(text, ink, "allocated", $"{Units.Bytes((ulong)native.Allocated.Bytes)} in {Number(native.Allocated.Count, "allocation")}");
        if (managed.Allocated.Bytes > 0)
            ReportText.Row(text, ink, "GC heap", $"{Units.Bytes((ulong)managed.Allocated.Bytes)} allocated in {Number(managed.Allocated.Count, "object")}");
        string lost = profile.LostCount > 0 ? $"{ink.Dot}{Units.Count((ulong)profile.LostCount)} lost" : "";
        string interval = profile.IntervalBytes <= 1 ? "every allocation" : $"one in {Units.Bytes((ulong)profile.IntervalBytes)}";
        ReportText.Row(text, ink, "samples", $"{Units.Count((ulong)profile.SampleCount)}{ink.Dot}{interval}{lost}");
        foreach (ProfileMark mark in profile.Marks) ReportText.Row(text, ink, "mark", $"after {Units.Time(mark.Time.TotalSeconds)}: {Reason(mark)}");
        foreach (string remark in profile.Remarks) Noted(text, ink, remark);
    }

    static string Reason(ProfileMark mark) => mark.Reason switch
    {
        MarkReason.MemoryRefused => $"{Units.Bytes((ulong)mark.Value)} were refused",
        MarkReason.LimitReached => $"the limit of {Units.Bytes((ulong)mark.Value)} was reached",
        _ => "asked for",
    };

    internal static void Noted(StringBuilder text, Ink ink, string words)
    {
        text.Append("  ").Append(ink.Label("note".PadRight(LabelColumns)));
        HelpPage.Wrap(text, ink.Escape(words), LabelColumns + 2);
    }

    static string Number(double count, string one) => Units.Count((ulong)Math.Round(count), one);

    static void Functions(StringBuilder text, IEnumerable<FunctionUse> functions, Metric metric, double total, Ink ink, string title)
    {
        const int NumberColumns = 2 * (SizeColumns + ShareColumns);
        text.AppendLine().Append("  ").AppendLine(ink.Label(
            "itself".PadLeft(SizeColumns) + "".PadLeft(ShareColumns) + "and callees".PadLeft(SizeColumns) + "".PadLeft(ShareColumns) + $"  {ProfileOptions.Title(metric)}, {title}"));
        foreach (FunctionUse function in functions.Take(MostFunctions))
        {
            double self = function.Self.Value(metric), all = function.Total.Value(metric);
            text.Append("  ").Append(ProfileOptions.Show(metric, self).PadLeft(SizeColumns)).Append(ink.Label(Share(self, total).PadLeft(ShareColumns)))
                .Append(ProfileOptions.Show(metric, all).PadLeft(SizeColumns)).Append(ink.Label(Share(all, total).PadLeft(ShareColumns)))
                .Append("  ").AppendLine(FunctionName(function.Name.Function, function.Name.Library, ink, ink.Columns - NumberColumns - 4));
        }
    }

    /// <summary>The function, with its library behind it where there is room.</summary>
    internal static string FunctionName(string function, string library, Ink ink, int columns)
    {
        string name = ink.Escape(ink.Fit(function, columns));
        int room = columns - function.Length - 2;
        return room < library.Length || library.Length == 0 || function.StartsWith(library, StringComparison.Ordinal) ? name : $"{name}  {ink.Label(ink.Escape(ink.Fit(library, room)))}";
    }

    static void Sites(StringBuilder text, IReadOnlyList<SiteRow> sites, Metric metric, double total, Ink ink)
    {
        foreach (SiteRow site in sites.Take(MostSites))
        {
            double size = site.Weights.Value(metric);
            string threads = string.Join(", ", site.Sites.Select(each => each.Thread).Where(name => name.Length > 0).Distinct().Take(3));
            text.AppendLine().Append("  ").Append(ink.Glow(ProfileOptions.Show(metric, size))).Append(ink.Label($"  {Share(size, total)}{ink.Dot}{Units.Count((ulong)Math.Round(Count(site.Weights, metric)), "allocation")}"));
            if (threads.Length > 0) text.Append(ink.Label(ink.Dot + ink.Escape(ink.Fit(threads, 30))));
            text.AppendLine();
            Stack(text, site.Frames, ink);
        }
        if (sites.Count > MostSites) text.AppendLine().Append("  ").AppendLine(ink.Label($"and {Units.Count((ulong)(sites.Count - MostSites), "more site")}"));
    }

    static double Count(Weights weights, Metric metric) => metric switch
    {
        Metric.Live => weights.Live.Count,
        Metric.Peak => weights.Peak.Count,
        _ => weights.Allocated.Count,
    };

    /// <summary>Innermost first: those next to malloc, and where it all began.</summary>
    internal static void Stack(StringBuilder text, IReadOnlyList<Frame> frames, Ink ink)
    {
        const int MostInner = 6, MostOuter = 2;
        for (int i = frames.Count - 1; i >= 0; i--)
        {
            int left = i + 1 - MostOuter;
            if (frames.Count - 1 - i == MostInner && left > 1)
            {
                text.Append("      ").AppendLine(ink.Label($"{(ink.HasUnicode ? "…" : "...")} {left} more"));
                i = MostOuter;
                continue;
            }
            text.Append("    ").AppendLine(FunctionName(frames[i].Function, frames[i].Library, ink, ink.Columns - 4));
        }
    }

    internal static string Share(double part, double whole)
    {
        double percent = whole > 0 ? 100 * part / whole : 0;
        return percent > 0 && percent < 0.5 ? "<1 %" : percent.ToString("0", CultureInfo.InvariantCulture) + " %";
    }
}
