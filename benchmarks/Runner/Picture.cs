using System.Globalization;
using System.Security;
using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>The comparison as one SVG picture: a row for each workload, a mark for each allocator, and two panels, time
/// and memory, on a logarithmic scale around the baseline, which is the line at 1.</summary>
/// <remarks>Readable on light and dark pages: the colours follow the reader's setting.</remarks>
internal sealed class Picture
{
    private const int LabelWidth = 106, PanelWidth = 350, PanelGap = 34, Margin = 16;
    private const int HeaderHeight = 104, RowHeight = 24, MeanGap = 14, FooterHeight = 34;
    private const double Least = 0.125, Most = 4; // ratios beyond stand at the edge, with their figure

    private const string Style = """
        <style>
          text { font: 13px system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; fill: #24292f; }
          .title { font-size: 17px; font-weight: 600; } .panel { font-weight: 600; } .mean { font-weight: 600; }
          .quiet { fill: #57606a; font-size: 12px; } .page { fill: #ffffff; } .band { fill: #f3f4f6; }
          .grid { stroke: #d0d7de; } .one { stroke: #57606a; stroke-width: 1.5; }
          .lampyris { fill: #d97706; stroke: #ffffff; } .glibc { fill: #8250df; } .jemalloc { fill: #0969da; }
          .tcmalloc { fill: #1a7f37; } .control { fill: none; stroke: #6e7781; stroke-width: 1.5; } .other { fill: #bf3989; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; } .quiet { fill: #9198a1; } .page { fill: #0d1117; } .band { fill: #161b22; }
            .grid { stroke: #30363d; } .one { stroke: #9198a1; }
            .lampyris { fill: #fbbf24; stroke: #0d1117; } .glibc { fill: #bc8cff; } .jemalloc { fill: #58a6ff; }
            .tcmalloc { fill: #3fb950; } .control { stroke: #9198a1; } .other { fill: #f778ba; }
          }
        </style>
        """;

    private readonly StringBuilder _svg = new();
    private readonly Comparison _comparison;
    private readonly List<WorkloadInfo> _workloads;

    private Picture(Comparison comparison)
    {
        _comparison = comparison;
        _workloads = comparison.Results.Workloads;
    }

    public static string Draw(Comparison comparison) => new Picture(comparison).Draw();

    private string Draw()
    {
        int width = Margin + LabelWidth + 2 * PanelWidth + PanelGap + Margin;
        int height = HeaderHeight + RowHeight * (_workloads.Count + 1) + MeanGap + FooterHeight;
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="CPU time and peak memory of allocators as ratios to {Allocator.Baseline}">""");
        Add(Style);
        Add($"""<rect class="page" width="{width}" height="{height}"/>""");
        DrawText(Margin, 28, $"Time and memory against {Allocator.Baseline} (left is better)", "title");
        DrawLegend();
        DrawRows(width);
        DrawPanel(Margin + LabelWidth, Metric.Cpu);
        DrawPanel(Margin + LabelWidth + PanelWidth + PanelGap, Metric.Peak);
        DrawText(Margin, height - 12, $"Medians over {_comparison.Results.Rounds} round(s) in shuffled order. The ring is {Allocator.Baseline} once more: its distance from 1 is noise.", "quiet");
        Add("</svg>");
        return _svg.ToString();
    }

    private void DrawLegend()
    {
        int x = Margin + 6;
        foreach (string name in _comparison.Compared)
        {
            DrawMark(name, x, 50);
            DrawText(x + 12, 54.5, name);
            x += 40 + 8 * name.Length;
        }
    }

    private void DrawRows(int width)
    {
        for (int row = 0; row <= _workloads.Count; row++)
        {
            bool isMean = row == _workloads.Count;
            if (row % 2 == 0 || isMean) Add($"""<rect class="band" x="{Margin - 6}" y="{Number(RowY(row) - RowHeight / 2.0)}" width="{width - 2 * Margin + 12}" height="{RowHeight}" rx="4"/>""");
            DrawText(Margin, RowY(row) + 4.5, isMean ? "geom. mean" : _workloads[row].Name, isMean ? "mean" : "");
        }
    }

    private void DrawPanel(int left, Metric metric)
    {
        DrawText(left + PanelWidth / 2, 80, metric.Title, "panel", "middle");
        int bottom = RowY(_workloads.Count) + RowHeight / 2;
        foreach (double ratio in new[] { 0.125, 0.25, 0.5, 1, 2, 4 })
        {
            double x = left + Place(ratio);
            Add($"""<line class="{(ratio == 1 ? "one" : "grid")}" x1="{Number(x)}" x2="{Number(x)}" y1="{HeaderHeight - 4}" y2="{bottom}"/>""");
            DrawText(x, HeaderHeight - 9, ratio.ToString("0.###", CultureInfo.InvariantCulture), "quiet", "middle");
        }
        // The most important last, so that it is on top.
        foreach (string name in _comparison.Compared.OrderBy(name => name == "lampyris").ThenByDescending(name => name == Allocator.Control))
        {
            for (int row = 0; row < _workloads.Count; row++) DrawRatio(name, _comparison.Ratio(_workloads[row].Name, name, metric), left, RowY(row));
            DrawRatio(name, _comparison.GeometricMean(_workloads, name, metric), left, RowY(_workloads.Count));
        }
    }

    private void DrawRatio(string name, double ratio, int left, int y)
    {
        double x = left + Place(ratio);
        DrawMark(name, x, y);
        if (ratio > Most) DrawText(x - 9, y + 4, ratio.ToString("0.0", CultureInfo.InvariantCulture), "quiet", "end");
        if (ratio < Least) DrawText(x + 9, y + 4, ratio.ToString("0.00", CultureInfo.InvariantCulture), "quiet");
    }

    /// <summary>Shape and colour both tell the allocator.</summary>
    private void DrawMark(string name, double x, double y) => Add(name switch
    {
        "lampyris" => $"""<path class="lampyris" d="M{Number(x)} {Number(y - 8)} l7.5 8 l-7.5 8 l-7.5 -8 z"/>""",
        "glibc" => $"""<circle class="glibc" cx="{Number(x)}" cy="{Number(y)}" r="4.5"/>""",
        "jemalloc" => $"""<rect class="jemalloc" x="{Number(x - 4)}" y="{Number(y - 4)}" width="8" height="8"/>""",
        "tcmalloc" => $"""<path class="tcmalloc" d="M{Number(x)} {Number(y - 5)} l5.5 9.5 h-11 z"/>""",
        Allocator.Control => $"""<circle class="control" cx="{Number(x)}" cy="{Number(y)}" r="4"/>""",
        _ => $"""<path class="other" d="M{Number(x)} {Number(y + 5)} l5.5 -9.5 h-11 z"/>""",
    });

    private void DrawText(double x, double y, string text, string style = "", string anchor = "start") =>
        Add($"""<text class="{style}" x="{Number(x)}" y="{Number(y)}" text-anchor="{anchor}">{SecurityElement.Escape(text)}</text>""");

    private int RowY(int row) => HeaderHeight + RowHeight / 2 + row * RowHeight + (row == _workloads.Count ? MeanGap : 0);

    private static double Place(double ratio) => PanelWidth * Math.Log(Math.Clamp(ratio, Least, Most) / Least) / Math.Log(Most / Least);

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private void Add(string line) => _svg.AppendLine(line);
}
