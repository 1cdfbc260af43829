namespace Lampyris.Benchmarks;

/// <summary>One run of a workload; `FileBytes` are the profile's, 0 where there is none.</summary>
internal sealed record ProfilerSample(string Workload, string Contender, int Round, Cost Cost, long FileBytes);

/// <summary>Nanoseconds of CPU time that a malloc and its free took which were a sample, and of a pair without a profile.</summary>
internal sealed record SampleCost(int Frames, double ProfiledNs, double PlainNs);

/// <summary>All samples of `./bench --profiler`, as they are kept in the results file.</summary>
internal sealed record ProfilerResults(string Machine, double LoadBefore, List<ContenderInfo> Contenders, List<WorkloadInfo> Workloads, List<ProfilerSample> Samples, List<SampleCost> SampleCosts)
{
    public static readonly string CompletePath = Path.Combine(Folders.Output, "profiler.json");
    public static readonly string SelectionPath = Path.Combine(Folders.Output, "profiler-selection.json");

    public void Write(string path) => ResultsFile.Write(path, this);

    public static ProfilerResults Read(string path) => ResultsFile.Read<ProfilerResults>(path, "./bench --profiler");
}

internal sealed record ContenderInfo(string Name, string Base, string Package);
