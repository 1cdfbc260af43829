using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

public enum CacheState
{
    /// <summary>The static empty cache that a thread starts with.</summary>
    Empty = 0,
    /// <summary>Serves a living thread.</summary>
    Live,
    /// <summary>Its thread has ended; on the list of abandoned caches, pages and all.</summary>
    Abandoned,
    /// <summary>Its thread vanished in a fork while it was changing the lists: never touched again.</summary>
    Lost,
    /// <summary>Serves no thread but the allocations that are picked for a profile, see `Sampling`: everything about it is under its lock.</summary>
    Sampling,
}

/// <summary>The free blocks at hand and the pages of one thread, by size class. Never unmapped; a cache whose thread ends waits for the next thread.</summary>
/// <remarks>
/// The tables are written under `Lock`, by the owner or by the purger. The owner reads them without the
/// lock on the fast path; `Seizure` tells why that is safe.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]
public unsafe struct ThreadCache
{
    // First of all the bins, one a size class: `Region.Tag` holds a bin's offset. Then one that is always empty and closed,
    // for blocks that have no bin.
    public const int BinsBytes = SizeClasses.Count * Bin.Bytes;
    public const int ClosedBinOffset = BinsBytes;
    const int DirectOffset = ClosedBinOffset + Bin.Bytes;
    public const int DirectCount = SizeClasses.DirectMaxBytes / SizeClasses.Granule;
    public const int DirectSlots = DirectCount + 2;             // one for all other sizes, and one for an even size
    const int LastOffset = DirectOffset + DirectSlots * 8;
    const int AllocatedOffset = LastOffset + SizeClasses.Count * 8;
    const int TrafficOffset = AllocatedOffset + SizeClasses.Count * 8;
    const int StockOffset = TrafficOffset + SizeClasses.Count * BinTraffic.Bytes;
    const int RestOffset = 5248;
    const uint TablesFit = StockOffset + SliceStock.Bytes <= RestOffset ? 0 : -1;
    const int OutboxOffset = RestOffset + 128;
    const int RecentOffset = OutboxOffset + Lampyris.Outbox.PerThread * Lampyris.Outbox.Bytes;
    public const int HeaderBytes = RecentOffset + RecentSlices.PerThread * RecentSlices.Bytes;

    [FieldOffset(RestOffset)] public SpinLock Lock;
    [FieldOffset(RestOffset + 4)] public CacheState State;              // owner, or under `Lock`
    [FieldOffset(RestOffset + 8)] public int ThreadId;                  // the kernel's
    [FieldOffset(RestOffset + 16)] public ulong SignalMask;             // blocked when the thread came
    [FieldOffset(RestOffset + 24)] public ThreadCache* NextCache;       // list of all caches; constant
    [FieldOffset(RestOffset + 32)] public ThreadCache* NextAbandoned;   // under the lock of that list
    [FieldOffset(RestOffset + 40)] public ulong RemoteFreeCount;        // blocks that came back from other threads; under `Lock`
    [FieldOffset(RestOffset + 48)] public uint SqueezeRound;            // see `Squeeze`; under `Lock`
    [FieldOffset(RestOffset + 52)] public int SqueezeClass;
    [FieldOffset(RestOffset + 56)] public uint AwakeInVisit;            // the purger's, in which it found the owner awake
    [FieldOffset(RestOffset + 60)] public ushort SamplingRound;         // in which the bins' countdowns were set; owner
    [FieldOffset(RestOffset + 62)] public byte AgedClass;               // see `Bins.Age`; under `Lock`
    [FieldOffset(RestOffset + 64)] public ulong BinStamp;               // what the purger saw of the bins at its last visit
    [FieldOffset(RestOffset + 72)] public nint Ready;                   // Page*: stack of pages that others have freed into; any thread

    [FieldOffset(RestOffset + 80)] public uint StockCount;              // slices in the stock, see `SliceStock`; under `Lock`
    [FieldOffset(RestOffset + 84)] public uint StockAhead;              // as many it takes ahead the next time
    [FieldOffset(RestOffset + 88)] public uint ExtraBytes;              // that bins take beyond their least limits, see `Bins.Widen`; under `Lock`
    [FieldOffset(RestOffset + 112)] public uint RecentNext;             // number of the next segment in `Recent`; under `Lock`
    [FieldOffset(RestOffset + 116)] public uint Attachment;             // how many threads the cache has served; written by the next one before `ThreadId`
    [FieldOffset(RestOffset + 120)] public ThreadCache* NextToAdoptFrom; // see `Abandonment`; null: the first one. The owner's
    const int OutboxLimitOffset = RestOffset + 92;
    const int LastBlockOffset = RestOffset + 96;

    /// <summary>
    /// The bin to serve requests of index * 16 + 1 .. index * 16 + 16 bytes from; `Heap.EmptyBin` while the bins are hidden,
    /// and always for <see cref="DirectCount"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin** Direct(ThreadCache* cache, nuint index) => (Bin**)((byte*)cache + DirectOffset) + index;

    /// <summary>The block that the thread got last from a bin of `Direct`, and the bin, see `Heap.BinFor`; null at first. The owner's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Block** LastBlock(ThreadCache* cache) => (Block**)((byte*)cache + LastBlockOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin** LastBin(ThreadCache* cache) => (Bin**)((byte*)cache + LastBlockOffset + sizeof(void*));

    /// <summary>Reads as a page without live blocks.</summary>
    public static Page* NoPage(ThreadCache* cache) => (Page*)((byte*)cache + ClosedBinOffset);

    /// <summary>Head of the queue of a class; null where it is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Page** First(ThreadCache* cache, int sizeClass) => &Bins.At(cache, sizeClass)->First;

    public static Page** Last(ThreadCache* cache, int sizeClass) => (Page**)((byte*)cache + LastOffset) + sizeClass;

    /// <summary>What <see cref="Allocated"/> will be when the bin's countdown has run out.</summary>
    public static ulong* AllocatedAtZero(ThreadCache* cache, int sizeClass) => (ulong*)((byte*)cache + AllocatedOffset) + sizeClass;

    /// <summary>Blocks of a class that the cache has given out.</summary>
    public static ulong Allocated(ThreadCache* cache, int sizeClass) => *AllocatedAtZero(cache, sizeClass) - (ulong)Bins.At(cache, sizeClass)->Countdown;

    public static StockedSlices* Stock(ThreadCache* cache, int index) => (StockedSlices*)((byte*)cache + StockOffset) + index;

    /// <summary>What was given back lately; <paramref name="number"/> counts up, and the oldest places are used again.</summary>
    public static RecentSlices* Recent(ThreadCache* cache, uint number) => (RecentSlices*)((byte*)cache + RecentOffset) + (number & RecentSlices.PerThread - 1);

    public static BinTraffic* Traffic(ThreadCache* cache, int sizeClass) => (BinTraffic*)((byte*)cache + TrafficOffset) + sizeClass;

    public static Outbox* Outbox(ThreadCache* cache, int index) => (Outbox*)((byte*)cache + OutboxOffset) + index;

    /// <summary>`Outbox.MaxCount`; 0: they are hidden from the owner, or there is no thread. Written under `Lock`, read before the outboxes.</summary>
    public static uint* OutboxLimit(ThreadCache* cache) => (uint*)((byte*)cache + OutboxLimitOffset);

    /// <summary>The outbox for blocks that `bin` would take.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Outbox* Outbox(ThreadCache* cache, Bin* bin) =>
        (Outbox*)((byte*)cache + OutboxOffset + ((nuint)bin - (nuint)cache & (Lampyris.Outbox.PerThread - 1) * Lampyris.Outbox.Bytes));
    const uint OutboxesGoByBins = Lampyris.Outbox.Bytes == Bin.Bytes ? 0 : -1;

    /// <summary>Takes the newest page off `Ready`; null where there is none. Under `Lock`: as nobody else takes any, the link read is right.</summary>
    public static Page* PopReady(ThreadCache* cache)
    {
        while (true)
        {
            Page* page = (Page*)Volatile.Read(ref cache->Ready);
            // Pairs with the push in `Tell`.
            if (page == null || Interlocked.CompareExchange(ref cache->Ready, (nint)page->NextReady, (nint)page) == (nint)page) return page;
        }
    }

    /// <summary>Puts a page, whose `Notified` flag the caller has set, before its owner. Any thread.</summary>
    public static void Tell(Page* page)
    {
        while (true)
        {
            ThreadCache* cache = page->Cache;
            nint head = Volatile.Read(ref cache->Ready);
            page->NextReady = (Page*)head;
            if (Interlocked.CompareExchange(ref cache->Ready, (nint)page, head) == head) return;
        }
    }
}
