namespace Lampyris.Benchmarks;

/// <summary>How far peak memory is from what no malloc can do without: the bytes that were live at once, and what a program has that
/// allocates nothing. Our workloads; a real program has code and data of its own besides.</summary>
internal sealed class MemoryStudy : Study
{
    private static readonly string s_figures = Path.Combine(Folders.Output, "live.txt");

    // Not one that is compared: it counts, on top of glibc's.
    private static readonly Allocator s_counter = new("live bytes", Folders.Tool("live.so"), "this repository");

    private const string Nothing = "nothing";

    private static IEnumerable<Workload> Workloads => Workload.All.Where(workload => workload.IsOurs);

    public override string Name => "memory";

    public override int MostRounds => 3; // its figures hardly vary

    public override void MeasureRound(StudyRun run)
    {
        Count(Nothing, ["/bin/true"]);
        foreach (Workload workload in Workloads)
        {
            string[] command = [.. workload.Command, $"{run.Percent}"];
            Count(workload.Name, command);
            foreach (Allocator allocator in run.Shuffled(run.Allocators)) run.Measure(workload.Name, allocator, command);
        }

        void Count(string what, string[] command) =>
            run.Measure(what, s_counter, command, environment: [$"BENCH_LIVE={s_figures}"], figures: s_figures);
    }

    public override string Write(StudyResults results)
    {
        string[] names = [.. results.Allocators.Select(allocator => allocator.Name)];
        var table = new MarkdownTable(["peak memory / least possible", .. names, "least, MB"]);
        foreach (Workload workload in Workloads)
            table.Add([workload.Name, .. names.Select(name => $"{OverLeast(results, workload, name):0.00}"), $"{Least(results, workload) / 1e6:0.0}"]);
        table.Add(["**geometric mean**", .. names.Select(name => $"**{Mean(name):0.00}**"), ""]);
        string floor = names.Contains(Allocator.Baseline) ? $"A malloc that wasted nothing would have {1 / Mean(Allocator.Baseline):0.00} of {Allocator.Baseline}'s peak memory here.\n\n" : "";
        return $"{table}\n{floor}";

        double Mean(string name) => Comparison.GeometricMeanOf(Workloads.Select(workload => OverLeast(results, workload, name)));
    }

    private static double OverLeast(StudyResults results, Workload workload, string allocator) =>
        results.Median(workload.Name, allocator, "peak_kb") * 1024 / Least(results, workload);

    private static double Least(StudyResults results, Workload workload) =>
        results.Median(workload.Name, s_counter.Name, "live_peak_bytes") + results.Median(Nothing, s_counter.Name, "peak_kb") * 1024;
}
