using System;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>One stack of the page: what the profile has there, and in a difference what the earlier one had.</summary>
/// <param name="After">the sites of the profile; empty where the stack has vanished</param>
/// <param name="Before">the sites of the earlier profile; empty where the stack is new, or where there is only one profile</param>
sealed record PageSite(Site[] After, Site[] Before)
{
    public PageSite(Site site, Site[] Before) : this([site], Before)
    {
    }

    Site Either => After.Length > 0 ? After[0] : Before[0];

    public IReadOnlyList<Frame> Frames => Either.Frames;

    public string Thread => Either.Thread;

    public bool IsGcHeap => Either.IsGcHeap;

    public bool IsComplete => Either.IsComplete;
}

/// <summary>A stack by its functions: equal for two stacks that differ in lines only.</summary>
readonly struct StackKey(Site site) : IEquatable<StackKey>
{
    readonly Site _site = site;

    public bool Equals(StackKey other) =>
        _site.Thread == other._site.Thread && _site.IsGcHeap == other._site.IsGcHeap
        && _site.Frames.Count == other._site.Frames.Count
        && _site.Frames.Zip(other._site.Frames).All(static pair => IsSameFunction(pair.First, pair.Second));

    public override bool Equals(object? obj) => obj is StackKey other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.Add(_site.Thread);
        foreach (Frame frame in _site.Frames) hash.Add(frame.Function);
        return hash.ToHashCode();
    }

    static bool IsSameFunction(Frame a, Frame b) => a.Function == b.Function && a.Library == b.Library && a.Kind == b.Kind;
}
