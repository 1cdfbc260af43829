using System.Globalization;
using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>What more threads cost: `benchmarks/studies/scaling.c` with few threads, and with many more than cores.</summary>
internal sealed class ScalingStudy : Study
{
    /// <summary>The same loop on blocks that are there already: the machine's own limit.</summary>
    public const string Ceiling = "no allocator";

    private const int Few = 2, Many = 64;
    private const string Crossed = "crossed";

    private static readonly int[] s_threads = [1, 2, 4, 8];
    private static readonly string[] s_calls = ["futex", "sched_yield", "madvise", "mmap", "munmap"];

    // Blocks of each thread: about half a second.
    private static readonly (string Name, long Operations, string Title)[] s_loads =
    [
        ("pairs", 25_000_000, "Pairs of malloc and free"),
        ("batches", 15_000_000, "Batches: 1,000 mallocs, 1,000 frees"),
        (Crossed, 12_000_000, "Crossed: each second block is freed by the next thread"),
    ];

    private static readonly string s_trace = Path.Combine(Folders.Output, "strace.txt");

    public override string Name => "scaling";

    public override void CheckInstalled()
    {
        if (!Workload.OnPath("strace")) throw new CannotMeasureException("scaling needs strace; Debian has it in strace");
    }

    public override void MeasureRound(StudyRun run)
    {
        Allocator[] rows = [.. run.Allocators, Allocator.Find("glibc") with { Name = Ceiling }];
        foreach (var (load, full, _) in s_loads)
            foreach (Allocator row in run.Shuffled(rows))
            {
                long operations = Math.Max(1, full * run.Percent / 100);
                foreach (int threads in s_threads) run.Measure(Key(load, threads), row, Command(load, threads, operations, row));

                // The same, sharing nothing but the machine.
                if (load != Crossed) run.Measure(Apart(load), row, [.. Command(load, Few, operations, row), "apart"]);

                // As much work as that of the few, in more hands.
                string[] many = Command(load, Many, Math.Max(1, operations * Few / Many), row);
                run.Measure(Key(load, Many), row, many);
                if (run.Round == 0) CountCalls(run, Key(load, Many), row, many);
            }
    }

    // In a process of its own, since it is slower.
    private static void CountCalls(StudyRun run, string load, Allocator row, string[] command)
    {
        Launcher.Run(row, new Workload(load, "", ["strace", "-f", "-c", "--seccomp-bpf", "-o", s_trace, "-e", $"trace={string.Join(',', s_calls)}", .. command]));
        Dictionary<string, double> counts = File.ReadLines(s_trace)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length >= 5 && s_calls.Contains(columns[^1]))
            .ToDictionary(columns => columns[^1], columns => double.Parse(columns[3], CultureInfo.InvariantCulture));
        foreach (string call in s_calls) run.Note(load, row, call, counts.GetValueOrDefault(call));
    }

    public override string Write(StudyResults results)
    {
        var text = new StringBuilder();
        string[] names = Rows(results);
        foreach (var (load, _, title) in s_loads)
        {
            string[] apart = load != Crossed ? [$"{Few} processes"] : [];
            var table = new MarkdownTable(["throughput / 1 thread's", .. s_threads.Skip(1).Select(threads => $"{threads} threads"), .. apart, "1 thread, ns a block", $"CPU time a block, {Few} threads / 1"]);
            foreach (string name in names)
                table.Add([name, .. Ratios(results, load, name).Skip(1).Select(ratio => $"{ratio:0.00}"),
                    .. apart.Select(_ => $"{results.MedianRatio((Key(load, 1), name), (Apart(load), name), "elapsed_ns"):0.00}"), $"{results.Median(Key(load, 1), name, "elapsed_ns"):0.0}", $"{results.MedianRatio((Key(load, Few), name), (Key(load, 1), name), "cpu_ns"):0.00}"]);
            text.Append($"### {title}\n\n{table}\n");
        }
        foreach (var (load, _, title) in s_loads)
        {
            var table = new MarkdownTable([$"{Many} threads", $"CPU time / {Few} threads'", "voluntary switches", .. s_calls]);
            foreach (string name in names)
                table.Add([name, $"{results.MedianRatio((Key(load, Many), name), (Key(load, Few), name), "cpu_ns"):0.00}", $"{results.Median(Key(load, Many), name, "voluntary_switches"):N0}", .. s_calls.Select(call => $"{results.Median(Key(load, Many), name, call):N0}")]);
            text.Append($"### {title}: {Many} threads, and the same work by {Few}\n\n{table}\n");
        }
        return text.ToString();
    }

    public override string Draw(StudyResults results) => new LinePicture("Throughput of more threads, as a ratio to one (higher is better)", columns: 3,
        [.. s_loads.Select(load => new LinePanel(load.Name, [.. s_threads.Select(threads => $"{threads}")], IsLogarithmic: false,
            [.. Rows(results).Select(name => new Line(name, Ratios(results, load.Name, name)))]))]).Draw();

    private static string[] Rows(StudyResults results) => [.. results.Allocators.Select(allocator => allocator.Name), Ceiling];

    private static double[] Ratios(StudyResults results, string load, string name) =>
        [.. s_threads.Select(threads => results.MedianRatio((Key(load, 1), name), (Key(load, threads), name), "elapsed_ns"))];

    private static string Apart(string load) => $"{load}/apart";

    private static string Key(string load, int threads) => $"{load}/{threads}";

    private static string[] Command(string load, int threads, long operations, Allocator row) =>
        [Folders.Tool("scaling"), load, $"{threads}", $"{operations}", .. row.Name == Ceiling ? ["preallocated"] : Array.Empty<string>()];
}
