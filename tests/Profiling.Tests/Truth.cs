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
    public static void Check(Profile profile, string output)
    {
        var problems = new StringBuilder();
        var innermost = new HashSet<string>();
        foreach (Truth truth in Parse(output))
        {
            if (truth.Problem(profile) is { } problem) problems.AppendLine(problem);
            innermost.Add(truth.Chain[^1]);
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

    string? Problem(Profile profile)
    {
        Site[] sites = [.. profile.Sites.Where(Fits)];
        long bytes = sites.Sum(site => site.Allocated.Bytes);
        double deviation = profile.IntervalBytes == 1 ? 0 : MostDeviations * Math.Sqrt((double)Bytes * profile.IntervalBytes);
        bool isRight = sites.Length > 0 && bytes >= Bytes - deviation && (IsLeast || bytes <= Bytes + deviation) && sites.All(site => site.IsComplete);
        if (isRight) return null;
        string name = Chain.Last(pattern => pattern is not "." and not "Site.Visit(int)" and not "=Site.Visit(int)").TrimStart('=');
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{string.Join(" > ", Chain)}: {bytes} bytes at {sites.Length} stacks, not {(IsLeast ? ">= " : "")}{Bytes} ± {deviation:f0}; there are");
        foreach (Site site in profile.Sites.Where(site => site.Frames.Any(frame => Fits(name, frame))).OrderByDescending(site => site.Allocated.Bytes).Take(4)) text.AppendLine(Show(site));
        return text.ToString();
    }

    bool Fits(Site site)
    {
        if (site.IsGcHeap) return false;
        int at = 0;
        foreach (string pattern in Chain)
        {
            if (pattern == ".") return site.Frames.Skip(at).All(IsLibrarys);
            if (pattern[0] == '=')
            {
                if (at >= site.Frames.Count || !Fits(pattern[1..], site.Frames[at++])) return false;
                continue;
            }
            while (at < site.Frames.Count && !Fits(pattern, site.Frames[at])) at++;
            if (at++ >= site.Frames.Count) return false;
        }
        // What the runtime allocates in order to call the site, its compiler above all, is not the site's.
        return site.Frames.Skip(at).All(frame => frame.Kind != FrameKind.Runtime || IsPortable(frame));
    }

    static bool Fits(string pattern, Frame frame) => FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), frame.Function, ignoreCase: false);

    static bool IsLibrarys(Frame frame) => frame.Function.StartsWith("operator new", StringComparison.Ordinal) || frame.Function.Contains("std::", StringComparison.Ordinal);

    // The framework's own thin layer over the C library.
    static bool IsPortable(Frame frame) => frame.Library is "libSystem.Native.so";

    public static string Show(Site site) => string.Create(CultureInfo.InvariantCulture,
        $"  {site.Allocated.Bytes,10} bytes, {site.Allocated.Count:f0}x, {site.Thread}{(site.IsComplete ? "" : ", not complete")}: {string.Join(" > ", site.Frames.TakeLast(12).Select(frame => frame.Function + (frame.Library.Length > 0 ? " [" + frame.Library + "]" : "")))}");
}
