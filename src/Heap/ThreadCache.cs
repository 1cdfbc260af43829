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

/// <summary>The pages of one thread, by size class. Never unmapped; a cache whose thread ends waits for the next thread.</summary>
/// <remarks>
/// The tables are written under `Lock`, by the owner or by the purger. The owner reads them without the
/// lock on the fast path; `Seizure` tells why that is safe.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]
public unsafe struct ThreadCache
{
    public const int HeaderBytes = 2688;
    public const int DirectCount = SizeClasses.DirectMaxBytes / SizeClasses.Granule + 1;
    const int DirectSlots = DirectCount + 1;                    // one more than used, for an even size
    const int FirstOffset = DirectSlots * 8;
    const int LastOffset = FirstOffset + SizeClasses.Count * 8;
    const int RetiredOffset = LastOffset + SizeClasses.Count * 8;
    const uint TablesFit = RetiredOffset + SizeClasses.Count * 8 <= 2496 ? 0 : -1;

    [FieldOffset(2496)] public SpinLock Lock;
    [FieldOffset(2500)] public CacheState State;                // owner, or under `Lock`
    [FieldOffset(2504)] public int ThreadId;                    // the kernel's
    [FieldOffset(2512)] public ulong SignalMask;                // blocked when the thread came
    [FieldOffset(2520)] public ThreadCache* NextCache;          // list of all caches; constant
    [FieldOffset(2528)] public ThreadCache* NextAbandoned;      // under the lock of that list
    [FieldOffset(2536)] public ulong RemoteFreeCount;           // blocks that came back from other threads; under `Lock`
    [FieldOffset(2544)] public uint SqueezeRound;               // see `Squeeze`; under `Lock`
    [FieldOffset(2548)] public int SqueezeClass;
    [FieldOffset(2552)] public uint AwakeInVisit;               // the purger's, in which it found the owner awake
    [FieldOffset(2560)] public nint Ready;                      // Page*: stack of pages that others have freed into; any thread

    /// <summary>The page to serve requests of (index - 1) * 16 + 1 .. index * 16 bytes from; `Heap.EmptyPage` where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Page** Direct(ThreadCache* cache, nuint index) => (Page**)cache + index;

    /// <summary>Head of the queue of a class; null where it is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Page** First(ThreadCache* cache, int sizeClass) => (Page**)((byte*)cache + FirstOffset) + sizeClass;

    public static Page** Last(ThreadCache* cache, int sizeClass) => (Page**)((byte*)cache + LastOffset) + sizeClass;

    /// <summary>Blocks of a class given out by pages that are no more.</summary>
    public static ulong* RetiredAllocated(ThreadCache* cache, int sizeClass) => (ulong*)((byte*)cache + RetiredOffset) + sizeClass;

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
