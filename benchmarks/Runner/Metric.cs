namespace Lampyris.Benchmarks;

/// <summary>One figure of a run that the tables compare; smaller is better in all.</summary>
internal sealed record Metric(string Title, string Unit, Func<Cost, double> Of)
{
    public static readonly Metric Cpu = new("CPU time", "s", cost => cost.CpuSeconds);
    public static readonly Metric Wall = new("Elapsed time", "s", cost => cost.WallSeconds);
    public static readonly Metric Peak = new("Peak memory", "MB", cost => cost.PeakKb / 1024.0);

    public static readonly Metric[] All = [Cpu, Wall, Peak];
}
