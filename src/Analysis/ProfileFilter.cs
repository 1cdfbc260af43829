using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>Which sites count, and how their stacks are seen.</summary>
/// <param name="Thread">sites of threads of this name only; `*` is a wildcard, null takes all</param>
/// <param name="Library">sites only with this library or assembly somewhere on the stack; `*` is a wildcard, null takes all</param>
/// <param name="HasRuntimeFrames">whether the .NET runtime's own frames are shown one by one; if not, each run of them is one frame</param>
public sealed record ProfileFilter(string? Thread = null, string? Library = null, bool HasRuntimeFrames = false)
{
    /// <summary>Stands for a run of the .NET runtime's own frames.</summary>
    public static readonly Frame RuntimeGroup = new("[.NET runtime]", "", "", 0, FrameKind.Runtime);

    /// <summary>The profile as the filter shows it.</summary>
    public Profile Apply(Profile profile)
    {
        var seen = new Dictionary<Site, Site>(ReferenceEqualityComparer.Instance);
        var sites = new List<Site>();
        bool isSame = true;
        foreach (Site site in profile.Sites)
        {
            Site? view = Takes(site) ? View(site) : null;
            isSame &= ReferenceEquals(view, site);
            if (view is null) continue;
            sites.Add(view);
            seen.Add(site, view);
        }
        if (isSame) return profile;
        return new Profile
        {
            Command = profile.Command,
            Executable = profile.Executable,
            ProcessId = profile.ProcessId,
            Started = profile.Started,
            Duration = profile.Duration,
            IntervalBytes = profile.IntervalBytes,
            Sites = sites,
            Timeline = profile.Timeline,
            PeakTime = profile.PeakTime,
            Marks = [.. profile.Marks.Select(mark => mark with
            {
                Live = mark.Live.Where(pair => seen.ContainsKey(pair.Key)).ToDictionary(pair => seen[pair.Key], pair => pair.Value),
            })],
            SampleCount = profile.SampleCount,
            LostCount = profile.LostCount,
            Remarks = profile.Remarks,
            Modules = profile.Modules,
            Symbols = profile.Symbols,
            SeriesTimes = profile.SeriesTimes,
        };
    }

    public bool Takes(Site site) =>
        (Thread is null || Wildcard.Matches(Thread, site.Thread))
        && (Library is null || site.Frames.Any(frame => Wildcard.Matches(Library, frame.Library)));

    Site View(Site site)
    {
        if (HasRuntimeFrames || !site.Frames.Any(frame => frame.Kind == FrameKind.Runtime && frame != RuntimeGroup)) return site;
        return new Site
        {
            Frames = Grouped(site.Frames),
            Addresses = site.Addresses,
            Thread = site.Thread,
            IsComplete = site.IsComplete,
            IsGcHeap = site.IsGcHeap,
            Live = site.Live,
            Peak = site.Peak,
            Allocated = site.Allocated,
            LiveSeries = site.LiveSeries,
        };
    }

    static List<Frame> Grouped(IReadOnlyList<Frame> frames)
    {
        var grouped = new List<Frame>(frames.Count);
        foreach (Frame frame in frames)
        {
            bool isRuntime = frame.Kind == FrameKind.Runtime;
            if (isRuntime && grouped.Count > 0 && ReferenceEquals(grouped[^1], RuntimeGroup)) continue;
            grouped.Add(isRuntime ? RuntimeGroup : frame);
        }
        return grouped;
    }
}
