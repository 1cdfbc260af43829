using System;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Page.Tests;

/// <summary>Makes profiles as a reader of files would, site by site.</summary>
sealed class ProfileBuilder
{
    readonly List<Site> _sites = [];
    readonly List<ProfileMark> _marks = [];

    public string[] Command { get; set; } = ["/usr/bin/program", "--serve"];

    public string Executable { get; set; } = "/usr/bin/program";

    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(90);

    public TimeSpan PeakTime { get; set; } = TimeSpan.FromSeconds(60);

    public long IntervalBytes { get; set; } = 512 * 1024;

    public long LostCount { get; set; }

    public TimelinePoint[] Timeline { get; set; } = [];

    public string[] Remarks { get; set; } = [];

    /// <summary>Outermost frame first, each as `kind|function|library|file:line`; what is left out at the end is not known.</summary>
    public Site Add(string thread, Weight live, Weight peak, Weight allocated, params string[] frames) =>
        Add(thread, live, peak, allocated, [.. frames.Select(Parse)]);

    public Site Add(string thread, Weight live, Weight peak, Weight allocated, Frame[] frames)
    {
        Site site = new()
        {
            Frames = frames,
            Addresses = [],
            Thread = thread,
            IsComplete = true,
            IsGcHeap = frames.Length > 0 && frames[^1].Kind == FrameKind.ObjectType,
            Live = live,
            Peak = peak,
            Allocated = allocated,
        };
        _sites.Add(site);
        return site;
    }

    /// <summary>A mark at which <paramref name="share"/> of each site's peak was live.</summary>
    public void AddMark(TimeSpan time, MarkReason reason, long value, double share) =>
        _marks.Add(new ProfileMark(time, reason, value, _sites.Where(static site => site.Peak.Bytes > 0)
            .ToDictionary(static site => site, site => new Weight((long)(site.Peak.Bytes * share), site.Peak.Count * share))));

    public Profile Build() => new()
    {
        Command = Command,
        Executable = Executable,
        ProcessId = 4711,
        Started = new DateTimeOffset(2026, 3, 14, 3, 5, 0, TimeSpan.Zero),
        Duration = Duration,
        IntervalBytes = IntervalBytes,
        Sites = _sites,
        Timeline = Timeline,
        PeakTime = PeakTime,
        Marks = _marks,
        SampleCount = _sites.Count * 7,
        LostCount = LostCount,
        Remarks = Remarks,
    };

    public static Weight Bytes(long bytes, double count = 1) => new(bytes, count);

    static Frame Parse(string text)
    {
        string[] parts = [.. text.Split('|'), "", "", ""];
        FrameKind kind = parts[0] switch
        {
            "n" => FrameKind.Native,
            "m" => FrameKind.Managed,
            "r" => FrameKind.Runtime,
            "o" => FrameKind.ObjectType,
            "u" => FrameKind.Unknown,
            _ => throw new ArgumentException($"no kind of frame: {text}"),
        };
        int colon = parts[3].LastIndexOf(':');
        (string file, int line) = colon < 0 ? (parts[3], 0) : (parts[3][..colon], int.Parse(parts[3][(colon + 1)..], null));
        return new Frame(parts[1], parts[2], file, line, kind);
    }
}
