using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A thread's stock of free blocks of one size class, newest first, from whatever pages. To a page, they are live.</summary>
/// <remarks>
/// The owner works on it without a lock. What `malloc` gives out next is what the thread freed last and still has in
/// its processor's cache, also if the block is another thread's page's. Only what exceeds `Limit` goes back to the pages.
/// The idea of a bounded stack before the pages, and of a bound that follows the thread's use, is tcmalloc's and
/// jemalloc's; filling it with a page's whole list in one step, and bounding it by that, is ours.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public unsafe struct Bin
{
    public const int Bytes = 32;

    [FieldOffset(0)] public Block* Free;            // linked by each block's first word
    [FieldOffset(8)] public Page* First;            // head of the class's queue, see `PageQueue`; under the cache's lock
    [FieldOffset(16)] public ulong Counts;          // `Count` and `Countdown` as one
    [FieldOffset(20)] public int Countdown;         // blocks to give out before one that the slow path is to look at, see `Sampling`
    [FieldOffset(24)] public uint Limit;            // as many it takes; 0: closed, or hidden from the owner, see `BinSeizure`. Written under the cache's lock, read before the rest
    [FieldOffset(28)] public uint BlockBytes;       // constant; 0: the closed bin, or an empty cache's

    /// <summary>Blocks on `Free`.</summary>
    /// <remarks>
    /// Written whole with the countdown: malloc reads both at once, and a load of more than was stored last waits until every store
    /// before it is in the cache, those that have just carved a page too.
    /// </remarks>
    public uint Count
    {
        readonly get => (uint)Counts;
        set => Counts = Counts & ~(ulong)uint.MaxValue | value;
    }

    /// <summary>One from `Count` and one from `Countdown`, in `Counts`.</summary>
    public const ulong OneOfEach = 0x1_0000_0001;

    /// <summary>The bits of `Counts` of which one is set when `Count` or `Countdown` were 0 before <see cref="OneOfEach"/> went.</summary>
    public const ulong EitherUsedUp = 0x80000000_80000000;
}

/// <summary>What is noted of a bin's use, to tell when it had better be empty. The owner's.</summary>
public struct BinTraffic
{
    public const int Bytes = 16;

    public uint AgeMark;            // what `Bins.Age` saw when it looked last
    public uint OverflowMark;       // the countdown at the last free that found the bin full
    public uint BulkMark;           // blocks given out when the bin closed last, see `Bins.Close`
    public ushort Overflows;        // frees in a row that did, without an allocation in between
    public ushort Extra;            // blocks that the bin takes beyond the least limit, see `Bins.Widen`; under the cache's lock
}
