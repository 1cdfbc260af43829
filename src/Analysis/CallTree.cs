using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>One function in one place of a call tree.</summary>
public sealed class CallTreeNode
{
    readonly Dictionary<Frame, CallTreeNode> _byFrame = [];
    readonly List<CallTreeNode> _children = [];

    internal CallTreeNode(Frame? frame, CallTreeNode? parent) => (Frame, Parent) = (frame, parent);

    /// <summary>Null at the root.</summary>
    public Frame? Frame { get; }

    /// <summary>Null at the root.</summary>
    public CallTreeNode? Parent { get; }

    /// <summary>What was allocated right here.</summary>
    public Weights Self { get; internal set; }

    /// <summary>What was allocated here and in all below.</summary>
    public Weights Total { get; internal set; }

    /// <summary>Largest first, by the tree's metric; where two tie, by name.</summary>
    public IReadOnlyList<CallTreeNode> Children => _children;

    internal CallTreeNode Child(Frame frame)
    {
        if (_byFrame.TryGetValue(frame, out CallTreeNode? child)) return child;
        child = new CallTreeNode(frame, this);
        _byFrame.Add(frame, child);
        _children.Add(child);
        return child;
    }

    internal void Sort(Metric metric) => _children.Sort((a, b) =>
    {
        int bySize = b.Total.Value(metric).CompareTo(a.Total.Value(metric));
        return bySize != 0 ? bySize : string.CompareOrdinal(a.Frame!.Function, b.Frame!.Function);
    });
}

// All stacks of a profile laid over one another from the outside in: equal beginnings are one path.
public sealed class CallTree
{
    CallTree(CallTreeNode root, Metric metric) => (Root, Metric) = (root, metric);

    /// <summary>Has no frame; its total is the whole profile's.</summary>
    public CallTreeNode Root { get; }

    /// <summary>By which children are sorted.</summary>
    public Metric Metric { get; }

    /// <param name="profile">as the filter is to see it</param>
    /// <param name="metric">by which children are sorted</param>
    /// <param name="filter">null: all sites, the .NET runtime's frames grouped</param>
    public static CallTree Build(Profile profile, Metric metric, ProfileFilter? filter = null) =>
        Build((filter ?? new ProfileFilter()).Apply(profile).Sites, metric);

    /// <summary>Of these sites as they are.</summary>
    public static CallTree Build(IEnumerable<Site> sites, Metric metric)
    {
        var root = new CallTreeNode(null, null);
        var nodes = new List<CallTreeNode> { root };
        foreach (Site site in sites)
        {
            var weights = Weights.Of(site);
            CallTreeNode node = root;
            node.Total += weights;
            foreach (Frame frame in site.Frames)
            {
                int before = node.Children.Count;
                CallTreeNode child = node.Child(frame);
                if (node.Children.Count != before) nodes.Add(child);
                node = child;
                node.Total += weights;
            }
            node.Self += weights;
        }
        foreach (CallTreeNode node in nodes) node.Sort(metric);
        return new CallTree(root, metric);
    }
}
