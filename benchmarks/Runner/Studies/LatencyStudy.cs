using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>How long single calls take: `benchmarks/studies/latency.c`.</summary>
/// <remarks>A round is one process for each load and allocator. For loads of one thread the figures are percentiles of each
/// operation's least time over the rounds; with two threads, medians over the rounds of each process's percentiles.</remarks>
internal sealed class LatencyStudy : Study
{
    private sealed record Load(string Name, bool IsRepeatable, string Title);

    private static readonly Load[] s_loads =
    [
        new("mixed", true, "Mixed: 16 B to 32 KiB, replaced at random among 20,000 slots"),
        new("burst", true, "Burst: 16 B to 32 KiB, 200 MB, then all freed; four times"),
        new("large", true, "Large: 64 KiB to 8 MiB, replaced at random among 48 slots"),
        new("remote", false, "Remote: 16 B to 4 KiB, one thread frees what another allocates"),
    ];

    private static readonly string[] s_operations = ["malloc", "free"];
    private static readonly string[] s_percentiles = ["p50", "p99", "p99.9", "p99.99", "max"];

    private static readonly string s_minima = Path.Combine(Folders.Output, "minima");

    public override string Name => "latency";

    public override void MeasureRound(StudyRun run)
    {
        if (run.Round == 0 && Directory.Exists(s_minima)) Directory.Delete(s_minima, recursive: true);
        Directory.CreateDirectory(s_minima);
        foreach (Load load in s_loads)
            foreach (Allocator allocator in run.Shuffled(run.Allocators))
            {
                string minima = load.IsRepeatable ? Path.Combine(s_minima, $"{load.Name}.{allocator.Name}") : "-";
                run.Measure(load.Name, allocator, [Folders.Tool("latency"), load.Name, minima, $"{run.Percent}"]);
            }
    }

    public override string Write(StudyResults results)
    {
        var text = new StringBuilder();
        foreach (Load load in s_loads)
        {
            var table = new MarkdownTable(["ns", .. s_operations.SelectMany(operation => s_percentiles.Select(percentile => $"{operation} {percentile}"))]);
            foreach (Allocator allocator in results.Allocators)
                table.Add([allocator.Name, .. s_operations.SelectMany(operation => Percentiles(results, load, allocator, operation).Select(ns => $"{ns:N0}"))]);
            text.Append($"### {load.Title}\n\n{table}\n");
        }
        WriteSingleRuns(text, results);
        return text.ToString();
    }

    // What the minima leave out: interrupts, but also what an allocator does by the clock.
    private static void WriteSingleRuns(StringBuilder text, StudyResults results)
    {
        Load[] repeatable = Array.FindAll(s_loads, load => load.IsRepeatable);
        var table = new MarkdownTable(["ns", .. repeatable.SelectMany(load => s_operations.Select(operation => $"{load.Name}, {operation}"))]);
        foreach (Allocator allocator in results.Allocators)
            table.Add([allocator.Name, .. repeatable.SelectMany(load => s_operations.Select(operation => $"{results.Median(load.Name, allocator.Name, $"run.{operation}.p99.99"):N0}"))]);
        text.Append($"### p99.99 of single processes, all that disturbed them included (median over the rounds)\n\n{table}\n");
    }

    public override string Draw(StudyResults results) => new LinePicture("Time of single calls, in ns (lower is better)", columns: 2,
        [.. s_loads.SelectMany(load => s_operations.Select(operation => new LinePanel($"{load.Name}: {operation}", s_percentiles, IsLogarithmic: true,
            [.. results.Allocators.Select(allocator => new Line(allocator.Name, Percentiles(results, load, allocator, operation)))])))]).Draw();

    // The last round's minima are over all rounds. A counter that did not advance stands for less than 1 ns.
    private static double[] Percentiles(StudyResults results, Load load, Allocator allocator, string operation) =>
        [.. s_percentiles.Select(percentile => load.IsRepeatable
            ? results.Values(load.Name, allocator.Name, $"least.{operation}.{percentile}")[^1]
            : results.Median(load.Name, allocator.Name, $"run.{operation}.{percentile}"))];
}
