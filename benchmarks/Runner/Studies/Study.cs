namespace Lampyris.Benchmarks;

/// <summary>One further question about the allocators, beside the comparison of workloads: what `./bench --study NAME` measures,
/// how its figures become tables, and the picture that goes with them.</summary>
internal abstract class Study
{
    /// <summary>In the order of the documents.</summary>
    public static readonly Study[] All = [new LatencyStudy(), new ScalingStudy(), new FragmentationStudy(), new MemoryStudy(), new IdleStudy()];

    /// <summary>As on the command line, and in the marks of its section in docs/measurements.md.</summary>
    public abstract string Name { get; }

    /// <summary>More would not say more.</summary>
    public virtual int MostRounds => int.MaxValue;

    /// <exception cref="CannotMeasureException">A program it needs is not installed.</exception>
    public virtual void CheckInstalled() { }

    /// <summary>Measures each allocator once, in a random order.</summary>
    public abstract void MeasureRound(StudyRun run);

    /// <summary>The tables, as Markdown; without what the results don't have.</summary>
    public abstract string Write(StudyResults results);

    /// <summary>An SVG document; null where a table says it all.</summary>
    public virtual string? Draw(StudyResults results) => null;

    public static Study Find(string name) =>
        All.FirstOrDefault(study => study.Name == name) ?? throw new CannotMeasureException($"unknown study {name}; known are {string.Join(", ", All.Select(study => study.Name))}, all");
}
