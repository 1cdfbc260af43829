using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>The comparison as Markdown, which is also what the terminal shows.</summary>
internal static class Tables
{
    private const double BehindRatio = 1.10; // what is listed by name

    public static string Write(Comparison comparison)
    {
        var text = new StringBuilder();
        if (comparison.Results.Workloads.Count > 0)
            foreach (Metric metric in Metric.All) WriteMetric(text, comparison, metric);
        SystemTable.Write(text, comparison);
        if (comparison.Results.IdleSamples.Count > 0) WriteIdle(text, comparison.Results);
        Results results = comparison.Results;
        text.Append(Conditions(results.Rounds, results.Machine, results.LoadBefore, results.Allocators));
        return text.ToString();
    }

    private static void WriteMetric(StringBuilder text, Comparison comparison, Metric metric)
    {
        string[] compared = [.. comparison.Compared];
        var table = new MarkdownTable(["workload", .. compared, $"{Allocator.Baseline}, {metric.Unit}", .. Last(() => $"{Allocator.Ours} / best of the others")]);
        foreach (WorkloadInfo workload in comparison.Results.Workloads)
            table.Add([workload.Name, .. compared.Select(name => $"{comparison.Ratio(workload.Name, name, metric):0.00}"), $"{comparison.Median(workload.Name, Allocator.Baseline, metric):0.00}",
                .. Last(() => AgainstBest(comparison, workload, metric).Text)]);
        foreach (var (title, group) in Groups(comparison.Results.Workloads))
            table.Add([$"**geometric mean, {title}**", .. compared.Select(name => $"**{comparison.GeometricMean(group, name, metric):0.00}**"), "", .. Last(() => $"**{AgainstBestSingle(comparison, group, metric).Text}**")]);

        double best = comparison.GeometricMeanOfBestPeers(comparison.Results.Workloads, metric);
        text.Append($"### {metric.Title}, as a ratio to {Allocator.Baseline} (smaller is better)\n\n{table}\n");
        text.Append($"The best of the others, picked workload by workload, would have a geometric mean of {best:0.00}.\n");
        if (comparison.Has(Allocator.Ours)) WriteAgainstOthers(text, comparison, metric);
        text.Append('\n');

        string[] Last(Func<string> cell) => comparison.Has(Allocator.Ours) ? [cell()] : [];
    }

    private static void WriteAgainstOthers(StringBuilder text, Comparison comparison, Metric metric)
    {
        List<WorkloadInfo> all = comparison.Results.Workloads;
        string[] behind = [.. all.Select(workload => (workload.Name, Against: AgainstBest(comparison, workload, metric)))
            .Where(row => row.Against.Ratio > BehindRatio).OrderByDescending(row => row.Against.Ratio).Select(row => $"{row.Name} {row.Against.Text}")];
        var (mean, best, _) = AgainstBestSingle(comparison, all, metric);
        text.Append($"The best single one of the others is {best}; {Allocator.Ours} has a geometric mean of {mean:0.00} to it.\n");
        text.Append($"Above {BehindRatio:0.00} of the best on the row: {(behind.Length == 0 ? "none" : string.Join(", ", behind))}.\n");
    }

    private static (double Ratio, string Text) AgainstBest(Comparison comparison, WorkloadInfo workload, Metric metric)
    {
        string best = comparison.BestPeer([workload], metric);
        double ratio = comparison.Ratio(workload.Name, Allocator.Ours, metric, best);
        return (ratio, $"{ratio:0.00} ({best})");
    }

    private static (double Mean, string Best, string Text) AgainstBestSingle(Comparison comparison, List<WorkloadInfo> group, Metric metric)
    {
        string best = comparison.BestPeer(group, metric);
        double mean = comparison.GeometricMean(group, Allocator.Ours, metric, best);
        return (mean, best, $"{mean:0.00} ({best})");
    }

    private static IEnumerable<(string Title, List<WorkloadInfo> Group)> Groups(List<WorkloadInfo> all)
    {
        List<WorkloadInfo> ours = all.FindAll(workload => workload.IsOurs), real = all.FindAll(workload => !workload.IsOurs);
        if (ours.Count > 0 && real.Count > 0)
        {
            yield return ("our workloads", ours);
            yield return ("real programs", real);
        }
        yield return ("all", all);
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
