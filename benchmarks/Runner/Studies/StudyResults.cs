using System.Text.Json.Serialization;

namespace Lampyris.Benchmarks;

/// <summary>One number that a program printed or cost; its name has the unit.</summary>
internal sealed record Figure(string Load, string Allocator, int Round, string Name, double Value);

/// <summary>All figures of one study, as they are kept in its results file.</summary>
/// <param name="Machine">See `Machine.Describe`.</param>
/// <param name="LoadBefore">Load average before the first round; near 0 on a machine that is free for measuring.</param>
/// <param name="Rounds">Complete ones.</param>
/// <param name="Allocators">In the order of the tables.</param>
/// <param name="Figures">In the order they were taken.</param>
internal sealed record StudyResults(string Machine, double LoadBefore, int Rounds, List<Allocator> Allocators, List<Figure> Figures)
{
    private ILookup<(string, string, string), Figure>? _index;

    /// <summary>Of the last run over everything; this is what the documents are made of.</summary>
    public static string CompletePath(Study study) => Path.Combine(Folders.Output, $"study-{study.Name}.json");

    /// <summary>Of the last run over a selection of allocators, or of a part of the work.</summary>
    public static string SelectionPath(Study study) => Path.Combine(Folders.Output, $"study-{study.Name}-selection.json");

    /// <summary>In the order of the rounds; empty where it was not measured.</summary>
    public double[] Values(string load, string allocator, string name)
    {
        _index ??= Figures.ToLookup(figure => (figure.Load, figure.Allocator, figure.Name));
        return [.. _index[(load, allocator, name)].OrderBy(figure => figure.Round).Select(figure => figure.Value)];
    }

    public double Median(string load, string allocator, string name) => Comparison.MedianOf(Values(load, allocator, name));

    /// <summary>The median over the rounds of (the one's figure / the other's in the same round).</summary>
    public double MedianRatio((string Load, string Allocator) one, (string Load, string Allocator) other, string name) =>
        Comparison.MedianOf(Values(one.Load, one.Allocator, name).Zip(Values(other.Load, other.Allocator, name), (value, divisor) => value / divisor));

    [JsonIgnore]
    public string Conditions => Tables.Conditions(Rounds, Machine, LoadBefore, Allocators);

    public void Write(string path) => ResultsFile.Write(path, this);

    public static StudyResults Read(Study study) => ResultsFile.Read<StudyResults>(CompletePath(study), $"./bench --study {study.Name}");
}
