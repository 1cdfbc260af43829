using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>What profilers cost, as Markdown.</summary>
/// <remarks>A ratio is the median over the rounds of (with the profiler / the same malloc without, in the same round).</remarks>
internal sealed class ProfilerTables(ProfilerResults results)
{
    private readonly Dictionary<(string, string, int), ProfilerSample> _samples =
        results.Samples.ToDictionary(sample => (sample.Workload, sample.Contender, sample.Round));

    public string Write()
    {
        var text = new StringBuilder();
        ContenderInfo[] compared = [.. results.Contenders.Where(contender => contender.Name != contender.Base)];
        WriteRatios(text, Metric.Cpu, compared);
        WriteRatios(text, Metric.Peak, compared);
        WriteSentences(text);
        return text.ToString();
    }

    private void WriteRatios(StringBuilder text, Metric metric, ContenderInfo[] compared)
    {
        var table = new MarkdownTable(["workload", .. compared.Select(contender => contender.Name)]);
        foreach (WorkloadInfo workload in Complete)
            table.Add([workload.Name, .. compared.Select(contender => Cell([workload], contender))]);
        table.Add(["**geometric mean, our workloads**", .. compared.Select(contender => Bold(Cell(Complete.Where(workload => workload.IsOurs), contender)))]);
        table.Add(["**geometric mean, all**", .. compared.Select(contender => Bold(Cell(Complete, contender)))]);
        text.Append($"### {metric.Title} with a profiler, as a ratio to the same malloc without\n\n{table}\n");

        static string Bold(string cell) => cell.Length == 0 ? "" : $"**{cell}**";

        // Nothing where one of them was not measured.
        string Cell(IEnumerable<WorkloadInfo> workloads, ContenderInfo contender)
        {
            double[][] ratios = [.. workloads.Select(workload => Ratios(workload.Name, contender, metric))];
            return ratios.Length == 0 || ratios.Any(list => list.Length == 0) ? "" : $"{Comparison.GeometricMeanOf(ratios.Select(Comparison.MedianOf)):0.000}";
        }
    }

    private void WriteSentences(StringBuilder text)
    {
        SampleCost[] costs = [.. results.SampleCosts];
        if (costs.Length > 1)
        {
            double perFrame = (costs[^1].ProfiledNs - costs[0].ProfiledNs) / (costs[^1].Frames - costs[0].Frames);
            text.Append($"A sample and its free take {costs[0].ProfiledNs - costs[0].PlainNs:0} ns of CPU time where the stack is {costs[0].Frames} frame below `main`, and {perFrame:0} ns for each further frame (");
            text.Append($"{string.Join(", ", costs.Select(cost => $"{cost.Frames}: {cost.ProfiledNs:0} ns"))}; without a profile a pair takes {Comparison.MedianOf(costs.Select(cost => cost.PlainNs)):0.0} ns).\n");
        }
        ProfilerSample[] profiled = [.. results.Samples.Where(sample => sample.Contender == ProfilerContender.Profiled)];
        if (profiled.Length > 0)
        {
            double[] rates = [.. profiled.Select(sample => sample.FileBytes / 1024.0 / sample.Cost.CpuSeconds * 60).Order()];
            double memoryMb = Comparison.MedianOf(Complete.SelectMany(workload => Differences(workload.Name, ProfilerContender.Profiled, ProfilerContender.Off)));
            text.Append($"The profile's file grows by {Comparison.MedianOf(rates):0} KB in a minute of CPU time (median; from {rates[0]:0} to {rates[^1]:0} KB), until it is cut at 64 MiB.\n");
            text.Append($"Peak memory is {memoryMb:0.0} MB higher (median): the recorder's tables, a window of 1 MiB of the file, and pages for sampled blocks.\n");
        }
        int[] rounds = [.. Complete.Select(workload => Differences(workload.Name, ProfilerContender.Control, ProfilerContender.Off).Count()).Order()];
        string all = rounds.Length == 0 ? "0" : rounds[0] == rounds[^1] ? $"{rounds[0]}" : $"{rounds[0]}, of some workloads {rounds[^1]}";
        text.Append($"Rounds: {all} (heaptrack: 1), on {results.Machine}; load average before the first: {results.LoadBefore:0.0}.\n");
        text.Append($"Libraries: {string.Join("; ", results.Contenders.Where(contender => contender.Name != ProfilerContender.Control).Select(contender => $"{contender.Name} from {contender.Package}"))}.\n");
    }

    // Those that have been measured under each contender that runs on all.
    private IEnumerable<WorkloadInfo> Complete => results.Workloads.Where(workload => _samples.ContainsKey((workload.Name, ProfilerContender.Profiled, 0)) && _samples.ContainsKey((workload.Name, ProfilerContender.Control, 0)));

    private double[] Ratios(string workload, ContenderInfo contender, Metric metric) =>
        [.. Pairs(workload, contender.Name, contender.Base).Select(pair => metric.Of(pair.With.Cost) / metric.Of(pair.Without.Cost))];

    private IEnumerable<double> Differences(string workload, string with, string without) =>
        Pairs(workload, with, without).Select(pair => Metric.Peak.Of(pair.With.Cost) - Metric.Peak.Of(pair.Without.Cost));

    private IEnumerable<(ProfilerSample With, ProfilerSample Without)> Pairs(string workload, string with, string without)
    {
        for (int round = 0; _samples.TryGetValue((workload, with, round), out ProfilerSample? sample); round++)
            if (_samples.TryGetValue((workload, without, round), out ProfilerSample? other)) yield return (sample, other);
    }
}
