using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>What programs give back that have nothing to do any more, how soon, and what being ready to give it back costs
/// those that work.</summary>
internal sealed class IdleStudy : Study
{
    private const int TouchedMb = 1536;
    private const int MostIdleRounds = 3; // these wait more than they work, and their figures hardly vary
    private const int RedisKeys = 1_000_000, ServiceSlots = 20_000;
    private const string Redis = "redis", Burst = "burst", Off = "lampyris, LAMPYRIS_PURGE=0", Again = "lampyris again";

    private static readonly (string Name, string Title)[] s_loads =
    [
        (Redis, "Redis: a million keys of up to 1 KiB, then FLUSHALL"),
        (Burst, "A C program: 8 threads, 500 MB, then all but 1 % freed at random"),
        ("service", "The .NET service: 32 threads, 1.3 GB, then all but 0.1 % freed"),
    ];

    private static readonly string[] s_working = ["churn", "drift", "server", "cache", "pipeline"];

    private static readonly string s_redisFigures = Path.Combine(Folders.Output, "redis-idle.txt");

    private static readonly string s_purgerFigures = Path.Combine(Folders.Output, "purger.txt");

    public override string Name => "idle";

    public override void CheckInstalled() => Workload.Find(Redis).CheckInstalled();

    public override void MeasureRound(StudyRun run)
    {
        if (run.Round < MostIdleRounds)
            foreach (Allocator allocator in run.Shuffled(run.Allocators))
            {
                MeasureRedis(run, allocator);
                run.Measure(Burst, allocator, [Folders.Tool("burst"), $"{run.Percent}"], touchedMb: TouchedMb);
                run.Measure("service", allocator, [Folders.Tool("idle-service/idle-service"), "--slots", $"{ServiceSlots * run.Percent / 100}"], touchedMb: TouchedMb);
            }
        MeasureWorking(run);
    }

    private static void MeasureRedis(StudyRun run, Allocator allocator)
    {
        string driver = $"/usr/bin/python3 '{Path.Combine(Folders.Programs, "redis-idle.py")}' '{Workload.RedisSocket}' {RedisKeys / 100 * run.Percent} '{s_redisFigures}'";
        run.Measure(Redis, allocator, Workload.Find(Redis).Command, driver, touchedMb: TouchedMb, figures: s_redisFigures);
    }

    private static void MeasureWorking(StudyRun run)
    {
        Allocator lampyris = Allocator.Find("lampyris");
        List<(Allocator Allocator, string[] Environment)> contenders =
        [
            (lampyris, ["LAMPYRIS_PURGE=1"]),
            (lampyris with { Name = Off }, ["LAMPYRIS_PURGE=0"]),
            (lampyris with { Name = Again }, ["LAMPYRIS_PURGE=1"]),
        ];
        if (run.Round < MostIdleRounds) contenders.AddRange(run.Allocators.Where(allocator => allocator.Name != lampyris.Name).Select(allocator => (allocator, Array.Empty<string>())));
        foreach (string workload in s_working)
            foreach (var (allocator, environment) in run.Shuffled(contenders))
                run.Measure(workload, allocator, [Folders.Tool(workload), $"{run.Percent}"], environment: [.. environment, $"BENCH_PURGER={s_purgerFigures}"], figures: s_purgerFigures);
    }

    public override string Write(StudyResults results)
    {
        var text = new StringBuilder();
        foreach (var (load, title) in s_loads)
        {
            var table = new MarkdownTable(["allocator", "before, MB", "full, MB", "live, MB", "limit, MB", "OS pages of what is live, MB", "after 5 s, MB", "at the limit after, ms", "nearly all gone after, ms"]);
            foreach (Allocator allocator in results.Allocators)
            {
                double before = Mb("before_resident_kb"), full = Mb("full_resident_kb"), live = Mb("live_kb"), idle = Mb("idle_resident_kb");
                table.Add([allocator.Name, $"{before:0.0}", $"{full:0}", $"{live:0.0}", $"{before + 1.3 * live:0.0}", LivePages(), $"{idle:0.0}", Ms("small_ms"), full - idle < full / 10 ? "little goes" : Ms("settled_ms")]);

                // Redis does not tell.
                string LivePages() => load == Redis ? "" : $"{Mb("live_pages_kb"):0.0}";

                double Mb(string name) => results.Median(load, allocator.Name, name) / 1024;

                // -1: it did not happen.
                string Ms(string name)
                {
                    double ms = Comparison.MedianOf(results.Values(load, allocator.Name, name).Select(value => value < 0 ? double.PositiveInfinity : value));
                    return double.IsInfinity(ms) ? "> 5,000" : $"{ms:N0}";
                }
            }
            text.Append($"### {title}\n\n{table}\n");
        }
        WriteWorking(text, results);
        return text.ToString();
    }

    private static void WriteWorking(StringBuilder text, StudyResults results)
    {
        string[] peers = [.. results.Allocators.Select(allocator => allocator.Name).Where(name => name != "lampyris")];
        var table = new MarkdownTable(["workload", "purger's share of CPU time", "CPU time / PURGE=0", "again", "OS page faults", "PURGE=0", .. peers]);
        foreach (string workload in s_working)
            table.Add([workload, $"{PurgersShare(workload):0.00 %}", $"{Cpu(workload, "lampyris"):0.00}", $"{Cpu(workload, Again):0.00}", .. peers.Prepend(Off).Prepend("lampyris").Select(name => $"{results.Median(workload, name, "minor_faults"):N0}")]);
        text.Append($"### Purging while a program works: lampyris as it is and with LAMPYRIS_PURGE=0\n\n{table}\n");

        double PurgersShare(string workload) => results.Median(workload, "lampyris", "purger_ns") / results.Median(workload, "lampyris", "process_ns");

        double Cpu(string workload, string name) => results.MedianRatio((workload, name), (workload, Off), "cpu_s");
    }
}
