using System;

namespace Lampyris.Cli;

// All that `stats` knows of a running process at one moment.
internal sealed class LiveReport
{
    public required int ProcessId { get; init; }
    public required string Program { get; init; }
    public required ulong RssBytes { get; init; }
    public required ulong PeakRssBytes { get; init; }
    public required int ThreadCount { get; init; }
    public required HeapFigures Heap { get; init; }

    /// <summary>`Stopwatch` timestamp of the reading: two reports give rates.</summary>
    public required long Taken { get; init; }

    /// <summary>Allocations a second since an earlier report of the same process.</summary>
    public double AllocationsPerSecond(LiveReport earlier)
    {
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(earlier.Taken, Taken).TotalSeconds;
        ulong before = earlier.Heap.AllocatedCount, now = Heap.AllocatedCount;
        return seconds > 0 && now > before ? (now - before) / seconds : 0;
    }
}
