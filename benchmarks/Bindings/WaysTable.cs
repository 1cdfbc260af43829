using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;

namespace Lampyris.Benchmarks;

// The table and the picture of what each way costs, and their place in docs/measurements.md.
static class WaysTable
{
    public static string Markdown(IReadOnlyList<(Way Way, double Nanoseconds)> rows)
    {
        int width = rows.Max(row => row.Way.Name.Length);
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"| {"way".PadRight(width)} | from | ns a pair |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| {new string('-', width)} | ---- | --------: |");
        foreach ((Way way, double nanoseconds) in rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {way.Name.PadRight(width)} | {way.From,-4} | {nanoseconds,9:0.0} |");
        return text.ToString();
    }

    /// <summary>Bars on a common scale, in colours that light and dark pages both show.</summary>
    public static string Svg(IReadOnlyList<(Way Way, double Nanoseconds)> rows)
    {
        const int Row = 26, Left = 290, Right = 60, Width = 760, Top = 34;
        double most = rows.Max(row => row.Nanoseconds);
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Top + rows.Count * Row + 8}" font-family="sans-serif" font-size="13">""");
        text.AppendLine("""<rect width="100%" height="100%" fill="#ffffff"/>""");
        text.AppendLine("""<text x="12" y="22" font-weight="bold" fill="#222222">One malloc and free of 64 bytes, nanoseconds of CPU time</text>""");
        for (int i = 0; i < rows.Count; i++)
        {
            (Way way, double nanoseconds) = rows[i];
            int y = Top + i * Row;
            double bar = (Width - Left - Right) * nanoseconds / most;
            string colour = way.From == "C#" ? "#3b7dd8" : "#e08a1e";
            text.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left - 8}" y="{y + 17}" text-anchor="end" fill="#222222">{SecurityElement.Escape(way.Name)} ({way.From})</text>""");
            text.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{Left}" y="{y + 4}" width="{bar:0.0}" height="{Row - 8}" rx="2" fill="{colour}"/>""");
            text.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left + bar + 6:0.0}" y="{y + 17}" fill="#222222">{nanoseconds:0.0}</text>""");
        }
        return text.AppendLine("</svg>").ToString();
    }

    public static void Update(IReadOnlyList<(Way Way, double Nanoseconds)> rows, string heading)
    {
        File.WriteAllText(Path.Combine(Repository.Root, "docs/bindings.svg"), Svg(rows));
        MarkedSection.Replace("benchmarks/Bindings", $"{heading}\n\n![The table below as a picture](bindings.svg)\n\n{Markdown(rows)}");
    }
}
