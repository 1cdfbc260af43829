using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>What kind of code a frame is, and so its colour.</summary>
public enum FrameKind
{
    /// <summary>Nothing is known but the library, or not even that.</summary>
    Unknown,
    /// <summary>C, C++, Rust and the like.</summary>
    Native,
    /// <summary>A .NET method, compiled at run time or ahead of it.</summary>
    Managed,
    /// <summary>The .NET runtime's own code.</summary>
    Runtime,
    /// <summary>The type of the objects that the GC heap allocated: the innermost "frame" of such a stack.</summary>
    ObjectType,
}

/// <summary>One function on a stack. Equal frames are one node of a call tree.</summary>
/// <param name="Function">readable; `library+0x1234` where there is no name</param>
/// <param name="Library">file name of the library or assembly, without folder; empty where not known</param>
/// <param name="File">source file; empty where not known</param>
/// <param name="Line">line of the call; 0 where not known</param>
/// <param name="Kind">what kind of code it is</param>
public sealed record Frame(string Function, string Library, string File, int Line, FrameKind Kind);

/// <summary>Estimated bytes and number of allocations.</summary>
public readonly record struct Weight(long Bytes, double Count)
{
    public static Weight operator +(Weight a, Weight b) => new(a.Bytes + b.Bytes, a.Count + b.Count);

    public static Weight operator -(Weight a, Weight b) => new(a.Bytes - b.Bytes, a.Count - b.Count);
}

/// <summary>Which weight of a site is meant.</summary>
public enum Metric
{
    /// <summary>Bytes allocated and not freed at the end.</summary>
    Live,
    /// <summary>Bytes that were live when the sum of them was highest.</summary>
    Peak,
    /// <summary>All bytes ever allocated.</summary>
    Allocated,
    /// <summary>All allocations ever made, by number.</summary>
    Count,
}

/// <summary>One allocation site: a call stack of one thread name, with all that was allocated there.</summary>
public sealed class Site
{
    /// <summary>Outermost frame first; the last one called malloc (or is the type, on the GC heap).</summary>
    public required IReadOnlyList<Frame> Frames { get; init; }

    /// <summary>Return addresses, innermost first, as recorded; inlined functions have none of their own.</summary>
    public required IReadOnlyList<ulong> Addresses { get; init; }

    public required string Thread { get; init; }

    /// <summary>Whether the stack goes up to the thread's start.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Whether this is the GC heap's, of which only what was allocated is known.</summary>
    public required bool IsGcHeap { get; init; }

    public Weight Live { get; set; }

    public Weight Peak { get; set; }

    public Weight Allocated { get; set; }

    /// <summary>Bytes that were live at each of <see cref="Profile.SeriesTimes"/>; empty where that was not asked for.</summary>
    public IReadOnlyList<long> LiveSeries { get; init; } = [];

    /// <summary>The weight as one number: bytes, or for <see cref="Metric.Count"/> the number of allocations.</summary>
    public double Value(Metric metric) => metric switch
    {
        Metric.Live => Live.Bytes,
        Metric.Peak => Peak.Bytes,
        Metric.Allocated => Allocated.Bytes,
        _ => Allocated.Count,
    };
}

/// <summary>One moment of the process.</summary>
public readonly record struct TimelinePoint(TimeSpan Time, long RssBytes, long LiveBytes);

/// <summary>A marked moment, with what was live then.</summary>
public sealed record ProfileMark(TimeSpan Time, MarkReason Reason, long Value, IReadOnlyDictionary<Site, Weight> Live);

/// <summary>One profile file, read and named.</summary>
public sealed class Profile
{
    /// <summary>Words of the command line; empty where not known.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string Executable { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>From the first to the last record.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Mean of the sampling interval; 1: every allocation.</summary>
    public required long IntervalBytes { get; init; }

    public required IReadOnlyList<Site> Sites { get; init; }

    public required IReadOnlyList<TimelinePoint> Timeline { get; init; }

    /// <summary>When the sum of live bytes was highest.</summary>
    public required TimeSpan PeakTime { get; init; }

    public required IReadOnlyList<ProfileMark> Marks { get; init; }

    /// <summary>Samples behind all this.</summary>
    public required long SampleCount { get; init; }

    /// <summary>Samples that could not be recorded.</summary>
    public required long LostCount { get; init; }

    /// <summary>What a reader should know of this file, a line each: it is cut off, the process was killed, stacks are incomplete.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Files that were mapped into the process.</summary>
    public IReadOnlyList<ProfileModule> Modules { get; init; } = [];

    /// <summary>The frames of each address, innermost first: more than one where functions were inlined. Those without a name are in it too.</summary>
    public IReadOnlyDictionary<ulong, IReadOnlyList<Frame>> Symbols { get; init; } = new Dictionary<ulong, IReadOnlyList<Frame>>();

    /// <summary>Even steps through the run, for which each site says what was live; empty where that was not asked for.</summary>
    public IReadOnlyList<TimeSpan> SeriesTimes { get; init; } = [];
}

/// <summary>One file mapped into the process.</summary>
/// <param name="Start">first address</param>
/// <param name="End">first address behind it</param>
/// <param name="Bias">what to take off an address for the ELF file's own</param>
/// <param name="Path">as the process saw it</param>
/// <param name="BuildId">lower-case hex; empty where it has none</param>
public sealed record ProfileModule(ulong Start, ulong End, ulong Bias, string Path, string BuildId);
