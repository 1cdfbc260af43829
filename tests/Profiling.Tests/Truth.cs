using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Enumeration;
using System.Linq;
using System.Text;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Profiling.Tests;

/// <summary>What a program says it has allocated at one site, and the check that the profile says so too.</summary>
/// <param name="Bytes">bytes asked for, in all</param>
/// <param name="IsLeast">whether the program knows only that it is at least so many</param>
/// <param name="Chain">patterns of functions that must be on the stack, outermost first, others may lie between, but for those that
/// begin with `=`; `.` at the end: nothing but the C++ library's own functions follows</param>
internal sealed record Truth(long Bytes, bool IsLeast, IReadOnlyList<string> Chain)
{
    /// <summary>Deviations are allowed up to so many standard deviations: a test in millions is wrong, for the sites of all tests.</summary>
    const double MostDeviations = 5;

    /// <summary>A line each: bytes, or `>` and bytes, a tab, patterns with ` > ` between them.</summary>
    public static IReadOnlyList<Truth> Parse(string output)
    {
        var truths = new List<Truth>();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('\t');
            Assert.True(parts.Length == 2, $"no line of a truth: {line}");
            truths.Add(new Truth(long.Parse(parts[0].TrimStart('>'), CultureInfo.InvariantCulture), parts[0][0] == '>', parts[1].Split(" > ")));
        }
        Assert.NotEmpty(truths);
        return truths;
    }

    /// <summary>Checks all, and the share of complete stacks, and says what it found.</summary>
    /// <param name="isAheadOfTime">C# methods have the names that the ahead-of-time compiler gives their symbols</param>
    public static void Check(Profile profile, string output, bool isAheadOfTime = false)
    {
        var problems = new StringBuilder();
        foreach (Truth truth in Parse(output))
        {
            Truth named = isAheadOfTime ? truth with { Chain = [.. truth.Chain.Select(SymbolPattern)] } : truth;
            if (named.Problem(profile) is { } problem) problems.AppendLine(problem);
        }
        double complete = CompleteShare(profile);
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{profile.Sites.Count} stacks, {profile.SampleCount} samples, {100 * complete:f3} % complete, {profile.LostCount} lost"));
        if (complete < 0.99)
        {
            problems.AppendLine(CultureInfo.InvariantCulture, $"only {100 * complete:f2} % of the samples have complete stacks; the largest of the others:");
            foreach (Site site in profile.Sites.Where(site => !site.IsComplete).OrderByDescending(site => Samples(site, profile.IntervalBytes)).Take(5)) problems.AppendLine(Show(site));
        }
        Assert.True(problems.Length == 0, problems.ToString());
        Assert.Equal(0, profile.LostCount);
    }

    /// <summary>Of all samples, the share whose stacks go up to the thread's start.</summary>
    public static double CompleteShare(Profile profile)
    {
        double all = 0, complete = 0;
        foreach (Site site in profile.Sites.Where(site => !site.IsGcHeap))
        {
            double samples = Samples(site, profile.IntervalBytes);
            all += samples;
            if (site.IsComplete) complete += samples;
        }
        Assert.True(all > 0, "no samples");
        return complete / all;
    }

    // How many samples there were, from what they stand for: each block is picked with probability 1 - e^(-bytes / interval).
    static double Samples(Site site, long interval) => site.Allocated.Count == 0 ? 0
        : interval == 1 ? site.Allocated.Count
        : site.Allocated.Count * (1 - Math.Exp(-(site.Allocated.Bytes / site.Allocated.Count) / interval));

    // `Plain.Circle.Area.get` is in a symbol that ends in `_Plain_Circle__get_Area`, `Table<int, Guid>.Add(int, Guid)` in
    // `_Table_2<Int32__S_P_CoreLib_System_Guid>__Add`, and what the compiler makes of a method begins with that method's name.
    static string SymbolPattern(string pattern)
    {
        bool isNext = pattern[0] == '=';
        string name = pattern.TrimStart('=');
        if (name[0] == '*' || !char.IsUpper(name[0]) || !name.Contains('.', StringComparison.Ordinal)) return pattern;
        int parameters = name.IndexOf('(', StringComparison.Ordinal);
        if (parameters >= 0) name = name[..parameters];
        bool isLambda = name.EndsWith(" lambda", StringComparison.Ordinal), isGetter = name.EndsWith(".get", StringComparison.Ordinal);
        if (isLambda) name = name[..^" lambda".Length];
        if (isGetter) name = name[..^".get".Length];
        if (name == "Lambdas.Run.Local") name = "Lambdas.*g__Local";
        name = name.Replace("<_, _>", "_2<System___Canon*>", StringComparison.Ordinal).Replace("<int, Guid>", "_2<Int32*>", StringComparison.Ordinal)
            .Replace("<int>", "_1<Int32>", StringComparison.Ordinal);
        int last = name.LastIndexOf('.');
        string type = name[..last].Replace('.', '_'), method = name[(last + 1)..];
        return (isNext ? "=" : "") + (isLambda ? $"*_{type}_*_{method}_b__*" : $"*_{type}__{(isGetter ? "get_" : "")}{method}*");
    }

    string? Problem(Profile profile)
    {
        Site[] sites = [.. profile.Sites.Where(Fits)];
        long bytes = sites.Sum(site => site.Allocated.Bytes);
        double deviation = profile.IntervalBytes == 1 ? 0 : MostDeviations * Math.Sqrt((double)Bytes * profile.IntervalBytes);
        bool isRight = sites.Length > 0 && bytes >= Bytes - deviation && (IsLeast || bytes <= Bytes + deviation) && sites.All(site => site.IsComplete);
        if (isRight) return null;
        string name = Chain.Last(pattern => pattern != "." && !pattern.Contains("Site", StringComparison.Ordinal)).TrimStart('=');
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{string.Join(" > ", Chain)}: {bytes} bytes at {sites.Length} stacks, not {(IsLeast ? ">= " : "")}{Bytes} ± {deviation:f0}; there are");
        foreach (Site site in profile.Sites.Where(site => site.Frames.Any(frame => Fits(name, frame))).OrderByDescending(site => site.Allocated.Bytes).Take(4)) text.AppendLine(Show(site));
        return text.ToString();
    }

    bool Fits(Site site)
    {
        if (site.IsGcHeap) return false;
        return Fits(site.Frames, 0, 0);
    }

    /// <summary>Whether the rest of the chain is on the rest of the stack.</summary>
    bool Fits(IReadOnlyList<Frame> frames, int at, int link)
    {
        // What the runtime allocates in order to call the site, its compiler above all, is not the site's.
        if (link == Chain.Count) return frames.Skip(at).All(frame => frame.Kind != FrameKind.Runtime || IsPortable(frame));
        string pattern = Chain[link];
        if (pattern == ".") return frames.Skip(at).All(IsLibrarys);
        int last = pattern[0] == '=' ? at : frames.Count - 1;
        for (int i = at; i <= last && i < frames.Count; i++)
            if (Fits(pattern.TrimStart('='), frames[i]) && Fits(frames, i + 1, link + 1)) return true;
        return false;
    }

    static bool Fits(string pattern, Frame frame) => FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), frame.Function, ignoreCase: false);

    static bool IsLibrarys(Frame frame) => frame.Function.StartsWith("operator new", StringComparison.Ordinal) || frame.Function.Contains("std::", StringComparison.Ordinal);

    // The framework's own thin layer over the C library.
    static bool IsPortable(Frame frame) => frame.Library is "libSystem.Native.so";

    public static string Show(Site site) => string.Create(CultureInfo.InvariantCulture,
        $"  {site.Allocated.Bytes,10} bytes, {site.Allocated.Count:f0}x, {site.Thread}{(site.IsComplete ? "" : ", not complete")}: {string.Join(" > ", site.Frames.TakeLast(12).Select(frame => frame.Function + (frame.Library.Length > 0 ? " [" + frame.Library + "]" : "")))}");
}
