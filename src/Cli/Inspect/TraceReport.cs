using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Cli;

/// <summary>What an allocator asked of the kernel.</summary>
internal enum MemoryCall { BrkGrow, BrkShrink, Mmap, Munmap, Mremap, Madvise, Mprotect }

/// <summary>Calls of one kind whose sizes lie between two limits.</summary>
internal readonly record struct CallSizes(ulong FromBytes, ulong? BelowBytes, ulong CallCount, ulong Bytes);

/// <param name="FailedCount">Calls that the kernel refused; they are in no size.</param>
internal sealed record CallFigures(MemoryCall Call, IReadOnlyList<CallSizes> Sizes, ulong FailedCount)
{
    public ulong CallCount => Sizes.Aggregate(0ul, (sum, size) => sum + size.CallCount);
    public ulong Bytes => Sizes.Aggregate(0ul, (sum, size) => sum + size.Bytes);
}

// What `inspect --trace` found: the system calls for memory by kind and size, and those that were not the allocator's.
internal sealed class TraceReport
{
    /// <summary>The lower limits of the sizes. The second is glibc's: below it a block is cut from the brk heap.</summary>
    public static IReadOnlyList<ulong> Limits { get; } = [0, 128 << 10, 1 << 20, 32 << 20];

    public required IReadOnlyList<string> Command { get; init; }
    public required ChildEvent End { get; init; }

    /// <summary>Every kind of call, also those that never happened.</summary>
    public required IReadOnlyList<CallFigures> Calls { get; init; }

    /// <summary>The smallest mapping without a file; null when there was none.</summary>
    public required ulong? SmallestMmapBytes { get; init; }

    /// <summary>Calls before the loader of a program had put away its cache: its own.</summary>
    public required ulong LoaderCallCount { get; init; }

    /// <summary>Calls for mapped files, shared memory and the stacks of threads.</summary>
    public required ulong OtherCallCount { get; init; }

    /// <summary>Programs that were executed, the command itself included.</summary>
    public required ulong ProgramCount { get; init; }

    /// <summary>Processes and threads.</summary>
    public required ulong TaskCount { get; init; }

    public CallFigures Of(MemoryCall call) => Calls.First(each => each.Call == call);
}
