using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>All weights of a site, a function or a node of a tree.</summary>
public readonly record struct Weights(Weight Live, Weight Peak, Weight Allocated)
{
    public static Weights Of(Site site) => new(site.Live, site.Peak, site.Allocated);

    public static Weights operator +(Weights a, Weights b) => new(a.Live + b.Live, a.Peak + b.Peak, a.Allocated + b.Allocated);

    public static Weights operator -(Weights a, Weights b) => new(a.Live - b.Live, a.Peak - b.Peak, a.Allocated - b.Allocated);

    /// <summary>One of them as one number: bytes, or for <see cref="Metric.Count"/> the number of allocations.</summary>
    public double Value(Metric metric) => metric switch
    {
        Metric.Live => Live.Bytes,
        Metric.Peak => Peak.Bytes,
        Metric.Allocated => Allocated.Bytes,
        _ => Allocated.Count,
    };

    /// <summary>Of all the sites together.</summary>
    public static Weights Sum(IEnumerable<Site> sites)
    {
        Weights sum = default;
        foreach (Site site in sites) sum += Of(site);
        return sum;
    }
}
