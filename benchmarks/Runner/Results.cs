using System.Text.Json;

namespace Lampyris.Benchmarks;

internal sealed record WorkloadInfo(string Name, string What, bool IsOurs);

internal sealed record Sample(string Workload, string Allocator, int Round, Cost Cost);

/// <summary>Resident memory of the idle service: with all blocks, and a while after nearly all were freed.</summary>
internal sealed record IdleSample(string Allocator, int Round, long FullKb, long IdleKb, double CpuSeconds);

/// <summary>All samples of one experiment, as they are kept in the results file.</summary>
internal sealed record Results(string Machine, int Rounds, List<Allocator> Allocators, List<WorkloadInfo> Workloads, List<Sample> Samples, List<IdleSample> IdleSamples)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Of the last run over everything; this is what the documents are made of.</summary>
    public static readonly string CompletePath = Path.Combine(Folders.Output, "results.json");

    /// <summary>Of the last run over a selection of workloads or allocators.</summary>
    public static readonly string SelectionPath = Path.Combine(Folders.Output, "selection.json");

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, s_json));

    public static Results Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<Results>(File.ReadAllText(path), s_json)! : throw new CannotMeasureException($"no results yet in {path}; run ./bench first");
}
