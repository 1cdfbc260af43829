using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>The comparison as Markdown, which is also what the terminal shows.</summary>
internal static class Tables
{
    public static string Write(Comparison comparison)
    {
        var text = new StringBuilder();
        if (comparison.Results.Workloads.Count > 0)
            foreach (Metric metric in Metric.All) WriteMetric(text, comparison, metric);
        if (comparison.Results.IdleSamples.Count > 0) WriteIdle(text, comparison.Results);
        WriteConditions(text, comparison.Results);
        return text.ToString();
    }

    private static void WriteMetric(StringBuilder text, Comparison comparison, Metric metric)
    {
        string[] compared = [.. comparison.Compared];
        text.AppendLine($"### {metric.Title}, as a ratio to {Allocator.Baseline} (smaller is better)\n");
        WriteRow(text, ["workload", .. compared, $"{Allocator.Baseline}, {metric.Unit}"]);
        WriteRow(text, ["---", .. compared.Select(_ => "---:"), "---:"]);
        foreach (WorkloadInfo workload in comparison.Results.Workloads)
            WriteRow(text, [workload.Name, .. compared.Select(name => $"{comparison.Ratio(workload.Name, name, metric):0.00}"), $"{comparison.Median(workload.Name, Allocator.Baseline, metric):0.00}"]);

        foreach (var (title, group) in Groups(comparison.Results.Workloads))
            WriteRow(text, [$"**{title}**", .. compared.Select(name => $"**{comparison.GeometricMean(group, name, metric):0.00}**"), ""]);
        double best = comparison.GeometricMeanOfBestPeers(comparison.Results.Workloads, metric);
        text.AppendLine($"\nThe best of the others, picked workload by workload, would have a geometric mean of {best:0.00}.\n");
    }

    private static IEnumerable<(string Title, List<WorkloadInfo> Group)> Groups(List<WorkloadInfo> all)
    {
        List<WorkloadInfo> ours = all.FindAll(workload => workload.IsOurs), real = all.FindAll(workload => !workload.IsOurs);
        if (ours.Count > 0 && real.Count > 0)
        {
            yield return ("geometric mean, our workloads", ours);
            yield return ("geometric mean, real programs", real);
        }
        yield return ("geometric mean, all", all);
    }

    private static void WriteIdle(StringBuilder text, Results results)
    {
        text.AppendLine("### Resident memory of a .NET service that has gone idle\n");
        WriteRow(text, ["allocator", "full, MB", "idle, MB", "CPU time, s"]);
        WriteRow(text, ["---", "---:", "---:", "---:"]);
        foreach (Allocator allocator in results.Allocators)
        {
            List<IdleSample> samples = results.IdleSamples.FindAll(sample => sample.Allocator == allocator.Name);
            double full = Comparison.MedianOf(samples.Select(sample => sample.FullKb / 1024.0));
            double idle = Comparison.MedianOf(samples.Select(sample => sample.IdleKb / 1024.0));
            double cpu = Comparison.MedianOf(samples.Select(sample => sample.CpuSeconds));
            WriteRow(text, [allocator.Name, $"{full:0}", $"{idle:0}", $"{cpu:0.0}"]);
        }
        text.AppendLine();
    }

    private static void WriteConditions(StringBuilder text, Results results)
    {
        text.AppendLine($"{results.Rounds} rounds in shuffled order on {results.Machine}.");
        text.AppendLine($"Libraries: {string.Join("; ", results.Allocators.Where(a => a.Name != Allocator.Control).Select(a => $"{a.Name} from {a.Package}"))}.");
    }

    private static void WriteRow(StringBuilder text, IEnumerable<string> cells) => text.AppendLine($"| {string.Join(" | ", cells)} |");
}
