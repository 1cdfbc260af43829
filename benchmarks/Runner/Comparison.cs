namespace Lampyris.Benchmarks;

/// <summary>The pure step from samples to figures: medians, ratios to the baseline, geometric means.</summary>
/// <remarks>A ratio is the median over the rounds of (figure / the baseline's figure in the same round): what slows
/// the machine down for a minute slows both.</remarks>
internal sealed class Comparison(Results results)
{
    private readonly Dictionary<(string, string, int), Cost> _costs =
        results.Samples.ToDictionary(sample => (sample.Workload, sample.Allocator, sample.Round), sample => sample.Cost);

    public Results Results => results;

    /// <summary>What the tables show beside the baseline, the control last.</summary>
    public IEnumerable<string> Compared =>
        results.Allocators.Select(allocator => allocator.Name).Where(name => name != Allocator.Baseline).OrderBy(name => name == Allocator.Control);

    public double Median(string workload, string allocator, Metric metric) =>
        MedianOf(Rounds.Select(round => metric.Of(_costs[(workload, allocator, round)])));

    public double Ratio(string workload, string allocator, Metric metric, string against = Allocator.Baseline) =>
        MedianOf(RatiosByRound(workload, allocator, metric, against));

    public double GeometricMean(IEnumerable<WorkloadInfo> workloads, string allocator, Metric metric, string against = Allocator.Baseline) =>
        GeometricMeanOf(workloads.Select(workload => Ratio(workload.Name, allocator, metric, against)));

    /// <summary>How far the baseline is from itself in one round, as a share; the median over the rounds.</summary>
    public double Noise(string workload, Metric metric) =>
        MedianOf(RatiosByRound(workload, Allocator.Control, metric, Allocator.Baseline).Select(ratio => Math.Abs(ratio - 1)));

    public bool Has(string allocator) => results.Allocators.Exists(one => one.Name == allocator);

    /// <summary>The peer that is best on all these workloads together.</summary>
    public string BestPeer(IEnumerable<WorkloadInfo> workloads, Metric metric) => Peers.MinBy(peer => GeometricMean(workloads, peer, metric))!;

    /// <summary>The mean an allocator would have that is as good as the best peer on every single workload.</summary>
    public double GeometricMeanOfBestPeers(IEnumerable<WorkloadInfo> workloads, Metric metric) =>
        GeometricMeanOf(workloads.Select(workload => Ratio(workload.Name, BestPeer([workload], metric), metric)));

    private IEnumerable<double> RatiosByRound(string workload, string allocator, Metric metric, string against) =>
        Rounds.Select(round => metric.Of(_costs[(workload, allocator, round)]) / metric.Of(_costs[(workload, against, round)]));

    private IEnumerable<int> Rounds => Enumerable.Range(0, results.Rounds);

    private IEnumerable<string> Peers => results.Allocators.Select(allocator => allocator.Name).Where(name => name is not (Allocator.Ours or Allocator.Control));

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public static double GeometricMeanOf(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));
}
