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
        Results results = comparison.Results;
        text.Append(Conditions(results.Rounds, results.Machine, results.LoadBefore, results.Allocators));
        return text.ToString();
    }

    private static void WriteMetric(StringBuilder text, Comparison comparison, Metric metric)
    {
        string[] compared = [.. comparison.Compared];
        var table = new MarkdownTable(["workload", .. compared, $"{Allocator.Baseline}, {metric.Unit}"]);
        foreach (WorkloadInfo workload in comparison.Results.Workloads)
            table.Add([workload.Name, .. compared.Select(name => $"{comparison.Ratio(workload.Name, name, metric):0.00}"), $"{comparison.Median(workload.Name, Allocator.Baseline, metric):0.00}"]);
        foreach (var (title, group) in Groups(comparison.Results.Workloads))
            table.Add([$"**{title}**", .. compared.Select(name => $"**{comparison.GeometricMean(group, name, metric):0.00}**"), ""]);

        double best = comparison.GeometricMeanOfBestPeers(comparison.Results.Workloads, metric);
        text.Append($"### {metric.Title}, as a ratio to {Allocator.Baseline} (smaller is better)\n\n{table}\n");
        text.Append($"The best of the others, picked workload by workload, would have a geometric mean of {best:0.00}.\n\n");
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
        var table = new MarkdownTable(["allocator", "full, MB", "idle, MB", "CPU time, s"]);
        foreach (Allocator allocator in results.Allocators)
        {
            List<IdleSample> samples = results.IdleSamples.FindAll(sample => sample.Allocator == allocator.Name);
            double full = Comparison.MedianOf(samples.Select(sample => sample.FullKb / 1024.0));
            double idle = Comparison.MedianOf(samples.Select(sample => sample.IdleKb / 1024.0));
            double cpu = Comparison.MedianOf(samples.Select(sample => sample.CpuSeconds));
            table.Add([allocator.Name, $"{full:0}", $"{idle:0}", $"{cpu:0.0}"]);
        }
        text.Append($"### Resident memory of a .NET service that has gone idle\n\n{table}\n");
    }

    /// <summary>What whoever compares two measurements should know.</summary>
    public static string Conditions(int rounds, string machine, double loadBefore, IEnumerable<Allocator> allocators)
    {
        IEnumerable<string> libraries = allocators.Where(a => a.Name != Allocator.Control).Select(a => $"{a.Name} from {a.Package}");
        return $"Rounds: {rounds}, on {machine}; load average before the first: {loadBefore:0.0}.\nLibraries: {string.Join("; ", libraries)}.\n";
    }
}
