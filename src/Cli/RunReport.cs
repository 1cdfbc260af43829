using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace Lampyris.Cli;

/// <summary>Where a figure comes from.</summary>
internal enum FigureSource
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The last look at the running process; it may have been more, or less, at the very end.</summary>
    Sample,

    /// <summary>The end itself: the kernel's account, or what the process wrote as it left.</summary>
    Exit,
}

// All that `run` knows of a command once it has ended. `ReportText` and `ReportJson` show it; they add nothing.
internal sealed class RunReport
{
    public required IReadOnlyList<string> Command { get; init; }
    public required int ProcessId { get; init; }
    public required string Program { get; init; }
    public required Allocator Allocator { get; init; }
    public required InEffect InEffect { get; init; }

    /// <summary>Why the allocator was not in effect, or why that is not known; else empty.</summary>
    public required string Reason { get; init; }

    public required ChildEvent End { get; init; }
    public required double WallSeconds { get; init; }
    public required double UserSeconds { get; init; }
    public required double SystemSeconds { get; init; }

    /// <summary>The most memory that was resident, and what was in the end or at the last look; null when it ended before the first.</summary>
    public required ulong? PeakRssBytes { get; init; }
    public required FigureSource PeakRssSource { get; init; }
    public required ulong? FinalRssBytes { get; init; }
    public required double? FinalRssAgeSeconds { get; init; }
    public required int? PeakThreadCount { get; init; }

    public required HeapFigures? Heap { get; init; }
    public required FigureSource HeapSource { get; init; }

    /// <summary>How long before the end the heap's figures were read; 0 for those that the process wrote itself.</summary>
    public required double HeapAgeSeconds { get; init; }

    /// <param name="launcherPeakBytes">
    /// Our own peak when the command was started. The kernel counts it as the command's, which for a moment ran in our
    /// memory (`posix_spawn`): a maximum that is not above it says nothing.
    /// </param>
    public static RunReport Of(
        IReadOnlyList<string> command, int processId, Allocator allocator, (InEffect InEffect, string Reason) effect,
        ChildEvent end, in Linux.ResourceUsage usage, Sampler sampler, HeapSnapshot? exitHeap, ProcessStatus? exitStatus,
        long started, long ended, ulong launcherPeakBytes)
    {
        ulong accounted = (ulong)usage.MaxRssKibibytes * 1024;
        // Both maxima are kept by the kernel, but not to the page.
        bool isAccountOfCommand = accounted > launcherPeakBytes;
        HeapSnapshot? heap = exitHeap ?? sampler.Heap;
        return new RunReport
        {
            Command = command,
            ProcessId = processId,
            Program = sampler.Program,
            Allocator = allocator,
            InEffect = effect.InEffect,
            Reason = effect.Reason,
            End = end,
            WallSeconds = Stopwatch.GetElapsedTime(started, ended).TotalSeconds,
            UserSeconds = usage.User.TotalSeconds,
            SystemSeconds = usage.System.TotalSeconds,
            PeakRssBytes = exitStatus?.PeakRssBytes ?? (isAccountOfCommand ? Math.Max(accounted, sampler.PeakRssBytes ?? 0) : sampler.PeakRssBytes),
            PeakRssSource = isAccountOfCommand || exitStatus is not null ? FigureSource.Exit : sampler.PeakRssBytes is null ? FigureSource.None : FigureSource.Sample,
            FinalRssBytes = exitStatus?.RssBytes ?? sampler.RssBytes,
            FinalRssAgeSeconds = exitStatus is not null ? 0 : sampler.RssBytes is null ? null : Stopwatch.GetElapsedTime(sampler.LastSeen, ended).TotalSeconds,
            PeakThreadCount = sampler.PeakThreadCount,
            Heap = heap is { } figures ? HeapFigures.From(figures) : null,
            HeapSource = exitHeap is not null ? FigureSource.Exit : heap is not null ? FigureSource.Sample : FigureSource.None,
            HeapAgeSeconds = exitHeap is null && heap is not null ? Stopwatch.GetElapsedTime(sampler.HeapSeen, ended).TotalSeconds : 0,
        };
    }
}
