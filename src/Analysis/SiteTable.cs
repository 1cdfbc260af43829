using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>One call stack with what all threads allocated there.</summary>
/// <param name="Frames">outermost first</param>
/// <param name="Weights">of all threads together</param>
/// <param name="Sites">what it is made of: one for each thread name, and where addresses differ that have the same name</param>
public sealed record SiteRow(IReadOnlyList<Frame> Frames, Weights Weights, IReadOnlyList<Site> Sites);

// Call stacks by what was allocated at them. Which frames a stack has decides, not which addresses or which thread.
public static class SiteTable
{
    /// <summary>Largest first; stacks without any of it are left out.</summary>
    public static IReadOnlyList<SiteRow> Of(IEnumerable<Site> sites, Metric metric) =>
    [
        .. sites.GroupBy(site => new StackName(site.Frames, hasLines: true))
            .Select(group => new SiteRow(group.First().Frames, Weights.Sum(group), [.. group]))
            .Where(row => row.Weights.Value(metric) > 0)
            .OrderByDescending(row => row.Weights.Value(metric)),
    ];
}
