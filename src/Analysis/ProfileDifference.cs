using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

public enum ChangeKind
{
    Grew,
    Shrank,

    /// <summary>The stack has none of it in the first profile.</summary>
    Appeared,

    /// <summary>The stack has none of it in the second profile.</summary>
    Vanished,
}

/// <summary>One stack in two profiles.</summary>
/// <param name="Frames">outermost first; as the second profile has them, if it has them</param>
/// <param name="Before">nothing where the stack is not in the first profile</param>
/// <param name="After">nothing where the stack is not in the second profile</param>
public sealed record DifferenceRow(IReadOnlyList<Frame> Frames, Weights Before, Weights After)
{
    /// <summary>Positive where there is more after than before.</summary>
    public double Change(Metric metric) => After.Value(metric) - Before.Value(metric);

    /// <summary>Null where nothing changed.</summary>
    public ChangeKind? Kind(Metric metric)
    {
        double before = Before.Value(metric), after = After.Value(metric);
        return before == after ? null
            : before == 0 ? ChangeKind.Appeared
            : after == 0 ? ChangeKind.Vanished
            : after > before ? ChangeKind.Grew : ChangeKind.Shrank;
    }
}

// Two profiles side by side, stack by stack. Stacks are the same when their functions and libraries are: neither addresses nor lines
// survive a rebuild, threads come and go. Nothing is scaled: a run twice as long has allocated twice as much.
public sealed class ProfileDifference
{
    ProfileDifference(Profile before, Profile after, IReadOnlyList<DifferenceRow> rows) => (Before, After, Rows) = (before, after, rows);

    public Profile Before { get; }

    public Profile After { get; }

    /// <summary>One for each stack of either profile, in no order.</summary>
    public IReadOnlyList<DifferenceRow> Rows { get; }

    public Weights BeforeTotal => Weights.Sum(Before.Sites);

    public Weights AfterTotal => Weights.Sum(After.Sites);

    /// <summary>Compares profiles as a filter has left them.</summary>
    public static ProfileDifference Of(Profile before, Profile after)
    {
        var rows = new Dictionary<StackName, DifferenceRow>();
        foreach (Site site in before.Sites)
        {
            var name = new StackName(site.Frames, hasLines: false);
            DifferenceRow row = rows.GetValueOrDefault(name) ?? new DifferenceRow(site.Frames, default, default);
            rows[name] = row with { Before = row.Before + Weights.Of(site) };
        }
        foreach (Site site in after.Sites)
        {
            var name = new StackName(site.Frames, hasLines: false);
            DifferenceRow row = rows.GetValueOrDefault(name) ?? new DifferenceRow(site.Frames, default, default);
            rows[name] = row with { Frames = site.Frames, After = row.After + Weights.Of(site) };
        }
        return new ProfileDifference(before, after, [.. rows.Values]);
    }

    /// <summary>What changed, the largest change first, whatever its sign.</summary>
    public IEnumerable<DifferenceRow> Changed(Metric metric) =>
        Rows.Where(row => row.Kind(metric) is not null).OrderByDescending(row => Math.Abs(row.Change(metric)));

    /// <summary>What changed so, the largest change first.</summary>
    public IEnumerable<DifferenceRow> Changed(Metric metric, ChangeKind kind) => Changed(metric).Where(row => row.Kind(metric) == kind);
}
