using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>One allocator's values, from left to right.</summary>
internal sealed record Line(string Allocator, double[] Values);

/// <summary>One diagram: lines over the same places.</summary>
/// <param name="Title">With the unit where the picture's has none.</param>
/// <param name="Labels">Below the places, spread over the whole width.</param>
/// <param name="IsLogarithmic">Decades from bottom to top; else from 0.</param>
/// <param name="Lines">With at least one value above 0.</param>
internal sealed record LinePanel(string Title, string[] Labels, bool IsLogarithmic, Line[] Lines);

/// <summary>Line diagrams side by side as one SVG picture, with the allocators' marks as legend.</summary>
internal sealed class LinePicture(string title, int columns, LinePanel[] panels)
{
    private const int PanelWidth = 366, PanelHeight = 170, AxisWidth = 78, Gap = 12, Margin = 16;
    private const int HeaderHeight = 66, PanelHeader = 30, PanelFooter = 28;
    private const int MostMarks = 12; // lines with more places have none but in the legend
    private const double LeastLogarithmic = 1;

    // In the colours of the marks.
    private const string LineStyle = """
        <style>
          polyline { stroke-width: 1.8; stroke-linejoin: round; } polyline.lampyris { fill: none; stroke: #d97706; stroke-width: 2.6; }
          polyline.glibc { fill: none; stroke: #8250df; } polyline.jemalloc { fill: none; stroke: #0969da; }
          polyline.tcmalloc { fill: none; stroke: #1a7f37; } polyline.other { fill: none; stroke: #bf3989; } polyline.control { stroke-dasharray: 5 4; }
          @media (prefers-color-scheme: dark) {
            polyline.lampyris { stroke: #fbbf24; } polyline.glibc { stroke: #bc8cff; } polyline.jemalloc { stroke: #58a6ff; }
            polyline.tcmalloc { stroke: #3fb950; } polyline.other { stroke: #f778ba; }
          }
        </style>
        """;

    public string Draw()
    {
        int rows = (panels.Length + columns - 1) / columns, cellWidth = AxisWidth + PanelWidth + Gap, cellHeight = PanelHeader + PanelHeight + PanelFooter;
        var svg = new Svg(2 * Margin + columns * cellWidth, HeaderHeight + rows * cellHeight + Margin, title);
        svg.Add(LineStyle);
        svg.Text(Margin, 28, title, "title");
        svg.Legend(Margin + 6, 50, panels[0].Lines.Select(line => line.Allocator));
        for (int i = 0; i < panels.Length; i++)
            DrawPanel(svg, panels[i], Margin + AxisWidth + i % columns * cellWidth, HeaderHeight + i / columns * cellHeight + PanelHeader);
        return svg.Close();
    }

    private static void DrawPanel(Svg svg, LinePanel panel, int left, int top)
    {
        double[] grid = panel.IsLogarithmic ? Decades(panel) : Steps(panel);
        svg.Text(left, top - 9, panel.Title, "panel");
        foreach (double value in grid)
        {
            svg.Line(left, Y(value), left + PanelWidth, Y(value), "grid");
            svg.Text(left - 7, Y(value) + 4, value.ToString("#,0.##", CultureInfo.InvariantCulture), "quiet", "end");
        }
        for (int i = 0; i < panel.Labels.Length; i++)
            svg.Text(X(i, panel.Labels.Length), top + PanelHeight + 18, panel.Labels[i], "quiet", "middle");

        // The most important last, so that it is on top.
        foreach (Line line in panel.Lines.OrderBy(line => line.Allocator == "lampyris"))
        {
            (double X, double Y)[] points = [.. line.Values.Select((value, i) => (X(i, line.Values.Length), Y(value)))];
            string style = line.Allocator switch { "lampyris" or "glibc" or "jemalloc" or "tcmalloc" => line.Allocator, ScalingStudy.Ceiling => "control", _ => "other" };
            svg.Add($"""<polyline class="{style}" points="{string.Join(' ', points.Select(point => $"{Svg.Number(point.X)},{Svg.Number(point.Y)}"))}"/>""");
            if (points.Length <= MostMarks)
                foreach (var (x, y) in points) svg.Mark(line.Allocator, x, y);
        }

        double X(int index, int count) => left + 14 + (PanelWidth - 28.0) * index / Math.Max(1, count - 1);

        double Y(double value) => top + PanelHeight * (1 - (panel.IsLogarithmic
            ? Math.Log(Math.Max(value, LeastLogarithmic) / grid[0]) / Math.Log(grid[^1] / grid[0])
            : value / grid[^1]));
    }

    private static double[] Decades(LinePanel panel)
    {
        double[] values = [.. panel.Lines.SelectMany(line => line.Values).Select(value => Math.Max(value, LeastLogarithmic))];
        int first = (int)Math.Floor(Math.Log10(values.Min())), last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(values.Max())));
        return [.. Enumerable.Range(first, last - first + 1).Select(power => Math.Pow(10, power))];
    }

    // From 0 in three to seven round steps.
    private static double[] Steps(LinePanel panel)
    {
        double most = panel.Lines.Max(line => line.Values.Max()), power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        double step = power * (most / power) switch { <= 1.5 => 0.25, <= 3 => 0.5, <= 7 => 1, _ => 2 };
        return [.. Enumerable.Range(0, (int)Math.Ceiling(most / step) + 1).Select(i => i * step)];
    }
}
