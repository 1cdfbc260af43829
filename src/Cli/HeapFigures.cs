using System;
using System.Collections.Generic;

namespace Lampyris.Cli;

/// <summary>Blocks of one size class, or of one of the two kinds above all classes.</summary>
/// <param name="Label">"32 B" or "large".</param>
/// <param name="BlockBytes">Bytes of each block; 0 where they differ.</param>
internal sealed record SizeFigures(string Label, ulong BlockBytes, ulong AllocatedCount, ulong AllocatedBytes, ulong LiveCount, ulong LiveBytes);

// The figures of one heap as both `run` and `stats` show them, in text and in JSON.
internal sealed class HeapFigures
{
    public required ulong LiveBytes { get; init; }
    public required ulong LiveCount { get; init; }
    public required ulong AllocatedBytes { get; init; }
    public required ulong AllocatedCount { get; init; }
    public ulong FreedCount => Difference(AllocatedCount, LiveCount);
    public ulong FreedBytes => Difference(AllocatedBytes, LiveBytes);

    public required ulong ReservedBytes { get; init; }
    public required ulong CommittedBytes { get; init; }
    public required ulong PeakCommittedBytes { get; init; }
    public required ulong RetainedBytes { get; init; }
    public required ulong PurgedBytes { get; init; }
    public required ulong MetadataBytes { get; init; }

    public required ulong ThreadCount { get; init; }
    public required ulong PeakThreadCount { get; init; }
    public required ulong StartedThreadCount { get; init; }
    public required ulong RemoteFreeCount { get; init; }

    /// <summary>Every size that was ever asked for, smallest first.</summary>
    public required IReadOnlyList<SizeFigures> Sizes { get; init; }

    public static unsafe HeapFigures From(in HeapSnapshot heap)
    {
        var sizes = new List<SizeFigures>();
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            ulong bytes = SizeClasses.BlockBytes(i), allocated = heap.ClassAllocatedCount[i], live = heap.ClassLiveCount[i];
            if (allocated != 0) sizes.Add(new SizeFigures(Units.ExactBytes(bytes), bytes, allocated, allocated * bytes, live, live * bytes));
        }
        if (heap.LargeAllocatedCount != 0)
            sizes.Add(new SizeFigures("large", 0, heap.LargeAllocatedCount, heap.LargeAllocatedBytes, heap.LargeLiveCount, heap.LargeLiveBytes));
        if (heap.HugeAllocatedCount != 0)
            sizes.Add(new SizeFigures("huge", 0, heap.HugeAllocatedCount, heap.HugeAllocatedBytes, heap.HugeLiveCount, heap.HugeLiveBytes));

        return new HeapFigures
        {
            LiveBytes = heap.LiveBytes,
            LiveCount = heap.LiveCount,
            AllocatedBytes = heap.AllocatedBytes,
            AllocatedCount = heap.AllocatedCount,
            ReservedBytes = heap.ReservedBytes,
            CommittedBytes = heap.CommittedBytes,
            PeakCommittedBytes = heap.PeakCommittedBytes,
            RetainedBytes = heap.RetainedBytes,
            PurgedBytes = heap.PurgedBytes,
            MetadataBytes = heap.MetadataBytes,
            ThreadCount = heap.ThreadCount,
            PeakThreadCount = heap.PeakThreadCount,
            StartedThreadCount = heap.StartedThreadCount,
            RemoteFreeCount = heap.RemoteFreeCount,
            Sizes = sizes,
        };
    }

    /// <summary>Counters of a running process are not read at one instant: a difference can come out just below zero.</summary>
    static ulong Difference(ulong a, ulong b) => a > b ? a - b : 0;
}
