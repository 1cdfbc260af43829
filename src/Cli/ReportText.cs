using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Lampyris.Cli;

// The reports for people: calm, at most 80 columns, and readable without colour.
internal static class ReportText
{
    const int LabelColumns = 11;
    const int MostSizes = 8;

    public static string Of(RunReport report, Ink ink)
    {
        var text = new StringBuilder();
        Header(text, ink, string.Join(' ', report.Command));
        Row(text, ink, "exit", Exit(report));
        Row(text, ink, "time", $"{Units.Time(report.WallSeconds)}{ink.Dot}CPU {Units.Time(report.UserSeconds)} user, {Units.Time(report.SystemSeconds)} system");
        Row(text, ink, "allocator", Allocator(report, ink));
        Row(text, ink, "RSS", Rss(report, ink));
        if (report.Heap is { } heap)
        {
            HeapRows(text, ink, heap, heap.PeakThreadCount);
            if (report.HeapSource == FigureSource.Sample)
                Row(text, ink, "note", $"heap as seen {Units.Time(report.HeapAgeSeconds)} before the end; the process left no last word");
            SizeTable(text, ink, heap);
        }
        else if (report.PeakThreadCount is { } threads)
        {
            Row(text, ink, "threads", $"{Units.Count((ulong)threads)} at once");
        }
        return text.ToString();
    }

    /// <param name="earlier">An earlier report of the same process, for the rate of allocations; null when there is none.</param>
    public static string Of(LiveReport report, LiveReport? earlier, Ink ink)
    {
        var text = new StringBuilder();
        Header(text, ink, $"process {report.ProcessId}{ink.Dot}{report.Program}");
        Row(text, ink, "RSS", $"{Units.Bytes(report.RssBytes)} now{ink.Dot}peak {Units.Bytes(report.PeakRssBytes)}");
        HeapRows(text, ink, report.Heap, report.Heap.PeakThreadCount);
        if (earlier is not null) Row(text, ink, "now", $"{Units.Count((ulong)report.AllocationsPerSecond(earlier))} allocations a second");
        SizeTable(text, ink, report.Heap);
        return text.ToString();
    }

    internal static void Header(StringBuilder text, Ink ink, string what)
    {
        const string Name = "lampyris";
        string shown = ink.Fit(what, ink.Columns - Name.Length - 10);
        string end = ink.Rule(ink.Columns - Name.Length - shown.Length - 6);
        text.Append(ink.Label(ink.Rule(2))).Append(' ').Append(ink.Glow(Name)).Append(' ').Append(ink.Title(ink.Escape(shown))).Append(' ').AppendLine(ink.Label(end));
    }

    internal static void Row(StringBuilder text, Ink ink, string label, string value) =>
        text.Append("  ").Append(ink.Label(label.PadRight(LabelColumns))).AppendLine(value);

    static string Exit(RunReport report)
    {
        if (report.End.Kind != ChildEventKind.Killed) return report.End.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return $"{report.End.ExitCode}: ended by {Signals.Describe(report.End.Value)}{(report.End.IsCoreDumped ? ", core dumped" : "")}";
    }

    static string Allocator(RunReport report, Ink ink) => report.InEffect switch
    {
        InEffect.Yes => report.Allocator.Name,
        InEffect.No => ink.Warning($"{report.Allocator.Name}, but NOT in effect"),
        _ => $"{report.Allocator.Name}{ink.Dot}{report.Reason}",
    };

    static string Rss(RunReport report, Ink ink)
    {
        if (report.PeakRssBytes is not { } peak) return "ended before it could be measured";
        string atLeast = report.PeakRssSource == FigureSource.Exit ? "" : "at least ";
        string text = $"peak {atLeast}{Units.Bytes(peak)}";
        if (report.FinalRssBytes is { } final)
            text += report.FinalRssAgeSeconds is 0 or null
                ? $"{ink.Dot}{Units.Bytes(final)} at the end"
                : $"{ink.Dot}{Units.Bytes(final)} last seen {Units.Time(report.FinalRssAgeSeconds.Value)} before the end";
        return text;
    }

    static void HeapRows(StringBuilder text, Ink ink, HeapFigures heap, ulong peakThreads)
    {
        Row(text, ink, "heap", $"{Units.Bytes(heap.LiveBytes)} live in {Units.Count(heap.LiveCount, "block")}{ink.Dot}{Units.Bytes(heap.CommittedBytes)} in use, peak {Units.Bytes(heap.PeakCommittedBytes)}");
        Row(text, ink, "traffic", $"{Units.Count(heap.AllocatedCount, "allocation")}, {Units.Count(heap.FreedCount, "free")}{ink.Dot}{Units.Bytes(heap.AllocatedBytes)} in all");
        Row(text, ink, "returned", $"{Units.Bytes(heap.PurgedBytes)} to the system{ink.Dot}{Units.Bytes(heap.RetainedBytes)} kept for reuse");
        string remote = heap.RemoteFreeCount == 0 ? "" : $"{ink.Dot}{Units.Count(heap.RemoteFreeCount, "free")} across threads";
        Row(text, ink, "threads", $"{Units.Count(peakThreads)} at once, {Units.Count(heap.StartedThreadCount)} in all{remote}");
    }

    /// <summary>The sizes most often asked for, with their share of all allocations; where two tie, the smaller first.</summary>
    static void SizeTable(StringBuilder text, Ink ink, HeapFigures heap)
    {
        List<SizeFigures> busiest = heap.Sizes.OrderByDescending(size => size.AllocatedCount).Take(MostSizes).ToList();
        if (busiest.Count == 0) return;
        const int SizeColumns = 10, CountColumns = 16, LiveColumns = 13, PercentColumns = 6;
        int barColumns = Math.Max(4, ink.Columns - 2 - SizeColumns - CountColumns - LiveColumns - PercentColumns - 4);

        text.AppendLine();
        text.Append("  ").AppendLine(ink.Label("size".PadLeft(SizeColumns) + "allocations".PadLeft(CountColumns) + "live".PadLeft(LiveColumns)));
        ulong most = busiest[0].AllocatedCount;
        foreach (SizeFigures size in busiest)
        {
            string bar = ink.Bar((double)size.AllocatedCount / most, barColumns);
            string percent = Percent((double)size.AllocatedCount / heap.AllocatedCount).PadLeft(PercentColumns);
            text.Append("  ").Append(size.Label.PadLeft(SizeColumns))
                .Append(Units.Count(size.AllocatedCount).PadLeft(CountColumns))
                .Append(Units.Count(size.LiveCount).PadLeft(LiveColumns))
                .Append(ink.Label(percent)).Append("  ").AppendLine(ink.Glow(bar));
        }
        int rest = heap.Sizes.Count - busiest.Count;
        if (rest > 0) text.Append("  ").AppendLine(ink.Label($"and {rest} more size{(rest == 1 ? "" : "s")}".PadLeft(SizeColumns + CountColumns)));
    }

    static string Percent(double share) =>
        share > 0 && Math.Round(share * 100) == 0 ? "<1 %" : Math.Round(share * 100).ToString("0", System.Globalization.CultureInfo.InvariantCulture) + " %";
}
