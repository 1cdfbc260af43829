using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>The comparison as one SVG picture: a row for each workload, a mark for each allocator, and two panels, time
/// and memory, on a logarithmic scale around the baseline, which is the line at 1.</summary>
internal sealed class Picture
{
    private const int LabelWidth = 106, PanelWidth = 350, PanelGap = 34, Margin = 16;
    private const int HeaderHeight = 104, RowHeight = 24, MeanGap = 14, FooterHeight = 34;
    private const double Least = 0.125, Most = 4; // marks of ratios beyond are at the edge, with their figure

    private readonly Svg _svg;
    private readonly Comparison _comparison;
    private readonly List<WorkloadInfo> _workloads;

    private Picture(Comparison comparison)
    {
        _comparison = comparison;
        _workloads = comparison.Results.Workloads;
        _svg = new Svg(Width, Height, $"CPU time and peak memory of allocators as ratios to {Allocator.Baseline}");
    }

    public static string Draw(Comparison comparison) => new Picture(comparison).Draw();

    private string Draw()
    {
        _svg.Text(Margin, 28, $"Time and memory against {Allocator.Baseline} (left is better)", "title");
        _svg.Legend(Margin + 6, 50, _comparison.Compared);
        DrawRows();
        DrawPanel(Margin + LabelWidth, Metric.Cpu);
        DrawPanel(Margin + LabelWidth + PanelWidth + PanelGap, Metric.Peak);
        _svg.Text(Margin, Height - 12, $"Medians over {_comparison.Results.Rounds} round(s) in shuffled order. The ring is {Allocator.Baseline} once more: its distance from 1 is noise.", "quiet");
        return _svg.Close();
    }

    private void DrawRows()
    {
        for (int row = 0; row <= _workloads.Count; row++)
        {
            bool isMean = row == _workloads.Count;
            if (row % 2 == 0 || isMean) _svg.Add($"""<rect class="band" x="{Margin - 6}" y="{Svg.Number(RowY(row) - RowHeight / 2.0)}" width="{Width - 2 * Margin + 12}" height="{RowHeight}" rx="4"/>""");
            _svg.Text(Margin, RowY(row) + 4.5, isMean ? "geom. mean" : _workloads[row].Name, isMean ? "mean" : "");
        }
    }

    private void DrawPanel(int left, Metric metric)
    {
        _svg.Text(left + PanelWidth / 2, 80, metric.Title, "panel", "middle");
        int bottom = RowY(_workloads.Count) + RowHeight / 2;
        foreach (double ratio in new[] { 0.125, 0.25, 0.5, 1, 2, 4 })
        {
            double x = left + Place(ratio);
            _svg.Line(x, HeaderHeight - 4, x, bottom, ratio == 1 ? "one" : "grid");
            _svg.Text(x, HeaderHeight - 9, ratio.ToString("0.###", CultureInfo.InvariantCulture), "quiet", "middle");
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
        _svg.Mark(name, x, y);
        // Outside of the panel, where no other mark is.
        if (ratio > Most) _svg.Text(x + 9, y + 4, ratio.ToString("0.0", CultureInfo.InvariantCulture), "quiet");
        if (ratio < Least) _svg.Text(x - 9, y + 4, ratio.ToString("0.00", CultureInfo.InvariantCulture), "quiet", "end");
    }

    private static int Width => Margin + LabelWidth + 2 * (PanelWidth + PanelGap) + Margin;

    private int Height => HeaderHeight + RowHeight * (_workloads.Count + 1) + MeanGap + FooterHeight;

    private int RowY(int row) => HeaderHeight + RowHeight / 2 + row * RowHeight + (row == _workloads.Count ? MeanGap : 0);

    private static double Place(double ratio) => PanelWidth * Math.Log(Math.Clamp(ratio, Least, Most) / Least) / Math.Log(Most / Least);
}
