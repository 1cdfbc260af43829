using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>A function, wherever and at whatever line it is called.</summary>
public readonly record struct FunctionName(string Function, string Library, FrameKind Kind)
{
    public static FunctionName Of(Frame frame) => new(frame.Function, frame.Library, frame.Kind);
}

/// <summary>What one function and its callers and callees allocate.</summary>
public sealed class FunctionUse
{
    internal FunctionUse(FunctionName name) => Name = name;

    internal Dictionary<FunctionName, Weights> CallerWeights { get; } = [];
    internal Dictionary<FunctionName, Weights> CalleeWeights { get; } = [];

    public FunctionName Name { get; }

    /// <summary>What the function itself allocated.</summary>
    public Weights Self { get; internal set; }

    /// <summary>What it and all that it called allocated; a stack on which it is twice counts once.</summary>
    public Weights Total { get; internal set; }

    /// <summary>Who called it, with what was allocated by way of that call.</summary>
    public IReadOnlyDictionary<FunctionName, Weights> Callers => CallerWeights;

    /// <summary>Whom it called, with what was allocated by way of that call.</summary>
    public IReadOnlyDictionary<FunctionName, Weights> Callees => CalleeWeights;
}

// Functions by what they allocate, themselves and with all they call.
public sealed class TopFunctions
{
    readonly Dictionary<FunctionName, FunctionUse> _functions = [];

    TopFunctions()
    {
    }

    public IReadOnlyDictionary<FunctionName, FunctionUse> Functions => _functions;

    /// <summary>Of these sites, as a `ProfileFilter` has left them; callers and callees only where they are asked for, as they are most of the work.</summary>
    public static TopFunctions Of(IEnumerable<Site> sites, bool hasCalls = true)
    {
        var top = new TopFunctions();
        var seen = new HashSet<FunctionName>();
        var seenCalls = new HashSet<(FunctionName, FunctionName)>();
        foreach (Site site in sites)
        {
            var weights = Weights.Of(site);
            seen.Clear();
            seenCalls.Clear();
            FunctionUse? caller = null;
            foreach (Frame frame in site.Frames)
            {
                FunctionUse function = top.Use(FunctionName.Of(frame));
                if (seen.Add(function.Name)) function.Total += weights;
                if (hasCalls && caller is not null && seenCalls.Add((caller.Name, function.Name)))
                {
                    function.CallerWeights[caller.Name] = function.CallerWeights.GetValueOrDefault(caller.Name) + weights;
                    caller.CalleeWeights[function.Name] = caller.CalleeWeights.GetValueOrDefault(function.Name) + weights;
                }
                caller = function;
            }
            if (caller is not null) caller.Self += weights;
        }
        return top;
    }

    /// <summary>Largest first; functions without any of it are left out.</summary>
    public IEnumerable<FunctionUse> BySelf(Metric metric) => Sorted(use => use.Self.Value(metric));

    /// <summary>Largest first; functions without any of it are left out.</summary>
    public IEnumerable<FunctionUse> ByTotal(Metric metric) => Sorted(use => use.Total.Value(metric));

    IOrderedEnumerable<FunctionUse> Sorted(System.Func<FunctionUse, double> size) =>
        _functions.Values.Where(use => size(use) > 0).OrderByDescending(size).ThenBy(use => use.Name.Function, System.StringComparer.Ordinal);

    FunctionUse Use(FunctionName name)
    {
        if (_functions.TryGetValue(name, out FunctionUse? use)) return use;
        _functions.Add(name, use = new FunctionUse(name));
        return use;
    }
}
