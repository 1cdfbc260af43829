namespace Lampyris.Benchmarks;

internal sealed record WorkloadInfo(string Name, string What, bool IsOurs);

internal sealed record Sample(string Workload, string Allocator, int Round, Cost Cost);

/// <summary>Resident memory of the idle service: with all blocks, and a while after nearly all were freed.</summary>
internal sealed record IdleSample(string Allocator, int Round, long FullKb, long IdleKb, double CpuSeconds);

/// <summary>All samples of one experiment, as they are kept in the results file.</summary>
/// <param name="Machine">See `Machine.Describe`.</param>
/// <param name="LoadBefore">Load average before the first round; near 0 on a machine that is free for measuring.</param>
/// <param name="Rounds">Complete ones.</param>
/// <param name="Allocators">In the order of the tables, the baseline and its control included.</param>
/// <param name="Workloads">In the order of the tables, without the idle service.</param>
/// <param name="Samples">One for each workload, allocator and round.</param>
/// <param name="IdleSamples">Of the idle service; fewer rounds.</param>
internal sealed record Results(string Machine, double LoadBefore, int Rounds, List<Allocator> Allocators, List<WorkloadInfo> Workloads, List<Sample> Samples, List<IdleSample> IdleSamples)
{
    /// <summary>Of the last run over everything; this is what the documents are made of.</summary>
    public static readonly string CompletePath = Path.Combine(Folders.Output, "results.json");

    /// <summary>Of the last run over a selection of workloads or allocators.</summary>
    public static readonly string SelectionPath = Path.Combine(Folders.Output, "selection.json");

    public void Write(string path) => ResultsFile.Write(path, this);

    public static Results Read(string path) => ResultsFile.Read<Results>(path, "./bench");
}
