using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>Is any real program worse off with us than on the system's malloc? Each ratio stands beside the noise of its row.</summary>
internal static class SystemTable
{
    /// <summary>Writes nothing where one of the two, or every real program, was left out.</summary>
    public static void Write(StringBuilder text, Comparison comparison)
    {
        List<WorkloadInfo> programs = comparison.Results.Workloads.FindAll(workload => !workload.IsOurs);
        if (programs.Count == 0 || !comparison.Has(Allocator.Ours) || !comparison.Has(Allocator.System)) return;

        var table = new MarkdownTable(["real program", .. Metric.All.Select(metric => metric.Title)]);
        foreach (WorkloadInfo program in programs)
            table.Add([program.Name, .. Metric.All.Select(metric => $"{Ratio(comparison, program, metric):0.00} ± {comparison.Noise(program.Name, metric):0.00}")]);
        table.Add(["**geometric mean**", .. Metric.All.Select(metric => $"**{comparison.GeometricMean(programs, Allocator.Ours, metric, Allocator.System):0.00}**")]);

        text.Append($"### Real programs: {Allocator.Ours} / {Allocator.System} (smaller is better)\n\n{table}\n");
        text.Append($"Behind ± stands the noise: how far {Allocator.Control} is from {Allocator.Baseline} in a single round, the median over the rounds.\n");
        text.Append($"Worse than {Allocator.System} by more than the noise: {string.Join("; ", Metric.All.Select(metric => $"{metric.Title}: {Worse(comparison, programs, metric)}"))}.\n\n");
    }

    private static string Worse(Comparison comparison, List<WorkloadInfo> programs, Metric metric)
    {
        string[] worse = [.. programs.Where(program => Ratio(comparison, program, metric) > 1 + comparison.Noise(program.Name, metric)).Select(program => program.Name)];
        return worse.Length == 0 ? "none" : string.Join(", ", worse);
    }

    private static double Ratio(Comparison comparison, WorkloadInfo program, Metric metric) => comparison.Ratio(program.Name, Allocator.Ours, metric, Allocator.System);
}
