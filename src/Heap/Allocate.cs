using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace Lampyris;

// Steps 1 to 3 of the tour in `Heap`: from a request to a block.
public static unsafe partial class Heap
{
    /// <summary>
    /// A block of at least <paramref name="bytes"/> (0 counts as 1), at a multiple of 16; null, and errno ENOMEM,
    /// when memory is refused. <paramref name="cache"/> is the calling thread's, possibly the empty one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static void* Allocate(nuint bytes, ThreadCache* cache)
    {
        // The rule comes last: the JIT lets that follow without a jump.
        if (!IsAtHand(bytes, cache, out Bin* bin, out ulong counts)) return AllocateMedium(bytes, cache);
        Block* block = GiveOut(bin, counts);
        NoteLast(cache, bin, block);
        return block;
    }

    /// <summary>Whether there is a block at hand, and nothing to do but to take it: then the bin, and its counts afterwards.</summary>
    /// <remarks>One branch for all that is not the rule, as in `FreeBlock`.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static bool IsAtHand(nuint bytes, ThreadCache* cache, out Bin* bin, out ulong counts)
    {
        nuint index = bytes - 1 >> 4;               // 0 bytes come out as very many
        bin = *ThreadCache.Direct(cache, index < ThreadCache.DirectCount ? index : ThreadCache.DirectCount);
        return IsAtHand(bin, out counts);
    }

    /// <summary>The same for a bin: it has a block, and its countdown has not run out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static bool IsAtHand(Bin* bin, out ulong counts)
    {
        counts = bin->Counts - Bin.OneOfEach;
        return (counts & Bin.EitherUsedUp) == 0;
    }

    /// <summary>The same for a request that the table has no bin for, 1,025 bytes to `SizeClasses.MaxBytes`; false for any other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static bool IsMediumAtHand(nuint bytes, ThreadCache* cache, out Bin* bin, out ulong counts)
    {
        const nuint FirstBytes = SizeClasses.DirectMaxBytes + 1;

        uint offset = (uint)SizeClasses.OfMedium((uint)bytes) * Bin.Bytes;
        bin = (Bin*)((byte*)cache + (bytes - FirstBytes <= SizeClasses.MaxBytes - FirstBytes ? offset : ThreadCache.ClosedBinOffset));
        uint hidden = Volatile.Read(ref bin->Limit) - 1;            // or closed; see `BinSeizure`
        counts = bin->Counts - Bin.OneOfEach;
        return ((counts | hidden) & Bin.EitherUsedUp) == 0;
    }

    /// <summary>The first block of a bin that has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static Block* GiveOut(Bin* bin, ulong countsAfter)
    {
        // In this order: a fork between the lines leaves a bin in the child that has lost the block, no more.
        Block* first = bin->Free;
        Block* next = first->Next;
        if (Sse.IsSupported) Sse.Prefetch0(next);       // the next call will read its link
        bin->Free = next;
        bin->Counts = countsAfter;
        return first;
    }

    /// <summary>The table has no bin for the request, or that has no block at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void* TakeMedium(nuint bytes, ThreadCache* cache)
    {
        if (!IsMediumAtHand(bytes, cache, out Bin* bin, out ulong counts)) return AllocateUnusual(bytes, cache);
        return GiveOut(bin, counts);
    }

    /// <summary>The request is large, or its bin is hidden or empty, or that one's countdown has run out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void* AllocateUnusual(nuint bytes, ThreadCache* cache)
    {
        if (bytes > SizeClasses.MaxBytes) return LargeAllocation.Allocate(bytes);
        Bin* bin = Bins.At(cache, SizeClasses.Of(bytes));
        if (Volatile.Read(ref bin->Limit) == 0) return AllocateSlow(bytes, cache);
        if (IsAtHand(bin, out ulong counts)) return GiveOut(bin, counts);               // it has been shown again since
        if (bin->Count == 0) return AllocateSlow(bytes, cache);
        return AllocateCounted(bytes, bin, cache);
    }

    /// <summary>The countdown of a bin that has a block has run out: perhaps this is an allocation for a profile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateCounted(nuint bytes, Bin* bin, ThreadCache* cache)
    {
        HeapRoot* root = Root;
        int sizeClass = (int)(bin - (Bin*)cache);
        bool isPicked = Sampling.Rearm(root, cache, sizeClass);
        if (Volatile.Read(ref root->ProfileRequest) != 0) Sampling.Obey(root);
        if (isPicked)
        {
            void* sampled = Sampling.AllocateSmall(root, bytes, sizeClass);
            if (sampled != null) return sampled;
        }
        if (bin->Count == 0) return AllocateSlow(bytes, cache);         // a recorder that has just begun may have allocated
        ++*ThreadCache.AllocatedAtZero(cache, sizeClass);               // it is no part of the new countdown
        return GiveOut(bin, bin->Counts - 1);
    }

    /// <summary>First call of a thread, or the bin at hand has run out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateSlow(nuint bytes, ThreadCache* cache)
    {
        HeapRoot* root = Start();
        if (cache->State == CacheState.Empty)
        {
            cache = ThreadCaches.Attach(root);
            if (cache == null) return OutOfMemory(bytes);
        }
        if (Volatile.Read(ref root->ProfileRequest) != 0) Sampling.Obey(root);
        int sizeClass = SizeClasses.Of(bytes);
        cache->Lock.Enter();
        if (Volatile.Read(ref cache->Ready) != 0) ThreadCaches.TakeReady(root, cache);
        if (cache->SamplingRound != root->SamplingRound) Sampling.ArmAll(root, cache);
        Bin* bin = Bins.At(cache, sizeClass);
        if (bin->Free == null)
        {
            Bins.Widen(root, cache, sizeClass);
            Page* page = FindPage(root, cache, sizeClass);
            if (page == null)
            {
                Bins.FlushAll(root, cache);             // a page may fall empty
                SliceStock.Flush(root, cache);          // and slices of the stock make a longer run
                page = FindPage(root, cache, sizeClass);
            }
            if (page != null) Bins.Fill(cache, bin, page);
        }
        bool isEmpty = bin->Count == 0;
        Block* block = IsAtHand(bin, out ulong counts) ? GiveOut(bin, counts) : null;
        cache->Lock.Exit();
        if (block != null) return block;
        return isEmpty ? OutOfMemory(bytes) : AllocateCounted(bytes, bin, cache);
    }

    /// <summary>A page of the class with a free block, first in its queue. Null when memory is refused.</summary>
    static Page* FindPage(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        while (true)
        {
            Page* page = *ThreadCache.First(cache, sizeClass);
            if (page != null)
            {
                if (HasRoom(cache, page)) return page;
                continue;
            }
            if (ThreadCaches.TakeReady(root, cache)) continue;
            Bins.Age(root, cache);
            if (Abandonment.TryAdopt(root, cache, sizeClass)) continue;
            page = PageFill.Create(root, cache, sizeClass);
            if (page == null) return null;
            PageQueue.Append(cache, page);
        }
    }

    /// <summary>Whether the first page of a queue has a free block, perhaps after a refill; a full one leaves the queue. Under the cache's lock.</summary>
    internal static bool HasRoom(ThreadCache* cache, Page* page)
    {
        if (page->Free != null) return true;
        if (PageFill.Refill(page)) return true;
        PageQueue.RemoveFirst(cache, page);
        RemoteList.ClearWaiting(page);
        page->State = PageState.Full;
        page->Live = page->ReopenCount;
        return false;
    }
}
