using System.Text.Json;

namespace Lampyris.Benchmarks;

/// <summary>One run of a workload; `FileBytes` are the profile's, 0 where there is none.</summary>
internal sealed record ProfilerSample(string Workload, string Contender, int Round, Cost Cost, long FileBytes);

/// <summary>Nanoseconds of CPU time that a malloc and its free took which were a sample, and of a pair without a profile.</summary>
internal sealed record SampleCost(int Frames, double ProfiledNs, double PlainNs);

/// <summary>All samples of `./bench --profiler`, as they are kept in the results file.</summary>
internal sealed record ProfilerResults(string Machine, double LoadBefore, List<ContenderInfo> Contenders, List<WorkloadInfo> Workloads, List<ProfilerSample> Samples, List<SampleCost> SampleCosts)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static readonly string CompletePath = Path.Combine(Folders.Output, "profiler.json");
    public static readonly string SelectionPath = Path.Combine(Folders.Output, "profiler-selection.json");

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, s_json));

    public static ProfilerResults Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<ProfilerResults>(File.ReadAllText(path), s_json)! : throw new CannotMeasureException($"no results yet in {path}; run ./bench --profiler first");
}

internal sealed record ContenderInfo(string Name, string Base, string Package);
