using System.Collections.Generic;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// A difference for people: the sums, then the largest changes of each kind.
internal static class DifferenceText
{
    const int MostOfAKind = 5;

    static readonly (ChangeKind Kind, string Title)[] s_kinds =
    [
        (ChangeKind.Appeared, "appeared"), (ChangeKind.Grew, "grew"), (ChangeKind.Shrank, "shrank"), (ChangeKind.Vanished, "vanished"),
    ];

    public static string Of(ProfileDifference difference, Metric metric, Ink ink)
    {
        var text = new StringBuilder();
        ReportText.Header(text, ink, ProfileText.Name(difference.After));
        Weights before = difference.BeforeTotal, after = difference.AfterTotal;
        foreach (Metric each in new[] { Metric.Live, Metric.Peak, Metric.Allocated, Metric.Count })
            ReportText.Row(text, ink, Label(each), Change(each, before.Value(each), after.Value(each), ink));
        ReportText.Row(text, ink, "recorded", $"{Units.Time(difference.Before.Duration.TotalSeconds)}, then {Units.Time(difference.After.Duration.TotalSeconds)}");
        foreach (string remark in difference.Before.Remarks) ProfileText.Noted(text, ink, "before: " + remark);
        foreach (string remark in difference.After.Remarks) ProfileText.Noted(text, ink, "after: " + remark);

        foreach ((ChangeKind kind, string title) in s_kinds)
        {
            List<DifferenceRow> rows = [.. difference.Changed(metric, kind)];
            if (rows.Count == 0) continue;
            text.AppendLine().Append("  ").Append(ink.Title(title)).AppendLine(ink.Label($"{ink.Dot}{Units.Count((ulong)rows.Count, "stack")}{ink.Dot}{ProfileOptions.Title(metric)}"));
            foreach (DifferenceRow row in rows.Take(MostOfAKind))
            {
                text.AppendLine().Append("  ").AppendLine(Change(metric, row.Before.Value(metric), row.After.Value(metric), ink));
                ProfileText.Stack(text, row.Frames, ink);
            }
            if (rows.Count > MostOfAKind) text.AppendLine().Append("  ").AppendLine(ink.Label($"and {Units.Count((ulong)(rows.Count - MostOfAKind), "more stack")}"));
        }
        if (!difference.Changed(metric).Any()) text.Append("\n  Nothing changed.\n");
        return text.ToString();
    }

    static string Label(Metric metric) => metric switch
    {
        Metric.Live => "live",
        Metric.Peak => "peak",
        Metric.Allocated => "allocated",
        _ => "number",
    };

    static string Change(Metric metric, double before, double after, Ink ink)
    {
        double change = after - before;
        string shown = (change > 0 ? "+" : "") + ProfileOptions.Show(metric, change);
        string arrow = ink.HasUnicode ? " → " : " -> ";
        return (change > 0 ? ink.Warning(shown) : ink.Glow(shown)) + ink.Label($"  {ProfileOptions.Show(metric, before)}{arrow}{ProfileOptions.Show(metric, after)}");
    }
}
