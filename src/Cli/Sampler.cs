using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>Whether the command ran on the allocator that was asked for.</summary>
internal enum InEffect { Unknown, Yes, No }

// Looks at the command from outside while it runs: its memory, whether the allocator is loaded, and the heap's figures.
// A process that dies by a signal, or leaves by `_exit`, tells nothing any more; then the last look is what the report has.
internal sealed class Sampler : IDisposable
{
    static readonly TimeSpan s_usualDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>A look may cost this part of the time: one at a heap of many GiB takes a while.</summary>
    const int CostShare = 20;

    /// <summary>From one wait to the next: the usual wait is reached after about two seconds.</summary>
    const double Growth = 1.125;

    readonly int _child;
    readonly Allocator _allocator;
    readonly string _libraryFileName;
    readonly ProcessMemory _memory;
    string _program = "";
    TimeSpan _lastCost;
    ulong? _heapRoot;

    public Sampler(int child, Allocator allocator)
    {
        _child = child;
        _allocator = allocator;
        _memory = new ProcessMemory(child);
        _libraryFileName = allocator.LibraryPath.Length == 0 ? ""
            : Path.GetFileName(File.ResolveLinkTarget(allocator.LibraryPath, returnFinalTarget: true)?.FullName ?? allocator.LibraryPath);
        Delay = TimeSpan.FromMilliseconds(0.5);
    }

    /// <summary>How long to wait before the next `Take`: short at first, for programs that end at once.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>The last program that the process executed, as far as seen; empty when it was too short for that.</summary>
    public string Program => _program;

    public InEffect InEffect { get; private set; }

    /// <summary>Libraries of allocators seen in the process though nobody asked for them here.</summary>
    public SortedSet<string> OtherAllocators { get; } = new(StringComparer.Ordinal);

    public ulong? RssBytes { get; private set; }
    public ulong? PeakRssBytes { get; private set; }
    public int? PeakThreadCount { get; private set; }

    /// <summary>`Stopwatch` timestamp of the last look that found memory.</summary>
    public long LastSeen { get; private set; }

    public HeapSnapshot? Heap { get; private set; }
    public long HeapSeen { get; private set; }

    public void Take()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            Look(start);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or it is one we may not look into: what was seen before stays.
        }
        // Each wait is a part of the time gone by: whenever the command ends, the last look was not long ago.
        // A single slow look, as the first ones are, does not count against the next.
        TimeSpan cost = Stopwatch.GetElapsedTime(start);
        TimeSpan least = cost < _lastCost ? cost : _lastCost;
        _lastCost = cost;
        Delay *= Growth;
        if (Delay > s_usualDelay) Delay = s_usualDelay;
        if (Delay < least * CostShare) Delay = least * CostShare;
    }

    unsafe void Look(long now)
    {
        if (ProcessStatus.Read(_child) is not { RssBytes: > 0 } status) return;
        (RssBytes, LastSeen) = (status.RssBytes, now);
        PeakRssBytes = Math.Max(PeakRssBytes ?? 0, Math.Max(status.PeakRssBytes, status.RssBytes));
        PeakThreadCount = Math.Max(PeakThreadCount ?? 0, status.ThreadCount);

        string program = HeapLocator.ProgramPath(_child);
        if (program != _program) (_program, InEffect, _heapRoot, Heap) = (program, InEffect.Unknown, null, null);
        if (InEffect == InEffect.Unknown) InEffect = FindEvidence(ProcessMaps.Read(_child));
        if (_allocator.Kind != AllocatorKind.Lampyris || InEffect != InEffect.Yes) return;

        _heapRoot ??= HeapLocator.FindRoot(_child, _memory);
        if (_heapRoot is not { } root) return;
        var view = new ProcessMemory.View(_memory);
        HeapSnapshot heap;
        if (HeapStats.TryRead((nuint)root, ref view, &heap)) (Heap, HeapSeen) = (heap, now);
        else _heapRoot = null;          // it may have executed itself again, at other addresses
    }

    /// <summary>
    /// The loader maps preloaded libraries before the C library: once that is there and ours is not, it will not come.
    /// A program without a loader never gets one.
    /// </summary>
    InEffect FindEvidence(List<FileMapping> mappings)
    {
        bool hasLibrary = false, hasC = false, hasProgram = false;
        foreach (FileMapping mapping in mappings)
        {
            string name = mapping.FileName;
            hasLibrary |= name == _libraryFileName;
            hasC |= name.StartsWith("libc.so", StringComparison.Ordinal) || name.StartsWith("libc-", StringComparison.Ordinal)
                || name.StartsWith("ld-musl", StringComparison.Ordinal);
            hasProgram |= mapping.Path == _program;
            if (AllocatorCatalog.NameOfLibrary(name) is { } other && name != _libraryFileName) OtherAllocators.Add(other);
        }
        if (_allocator.Kind == AllocatorKind.System) return hasC ? OtherAllocators.Count == 0 ? InEffect.Yes : InEffect.No : InEffect.Unknown;

        bool hasOwnMalloc = false, isStatic = false, hasOurs = false;
        if (hasProgram)
        {
            using FileBytes? file = FileBytes.Open($"/proc/{_child}/exe");
            ElfFile? elf = file is null ? null : ElfFile.Read(file);
            isStatic = elf is { Interpreter.Length: 0 };
            hasOurs = _allocator.Kind == AllocatorKind.Lampyris && elf?.FindSymbol(HeapLocator.RootSymbol) is not null;
            hasOwnMalloc = elf?.FindSymbol("malloc"u8) is not null;
        }
        if (hasOurs) return InEffect.Yes;
        if (hasLibrary) return hasOwnMalloc ? InEffect.No : InEffect.Yes;
        return hasC || isStatic ? InEffect.No : InEffect.Unknown;
    }

    public void Dispose() => _memory.Dispose();
}
