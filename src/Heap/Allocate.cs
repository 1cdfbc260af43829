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
        if (bytes > SizeClasses.DirectMaxBytes) return AllocateMedium(bytes, cache);
        Bin* bin = *ThreadCache.Direct(cache, bytes + (SizeClasses.Granule - 1) >> 4);
        Block* block = bin->Free;
        if (block == null) return AllocateSlow(bytes, cache);
        return GiveOut(bin, block) ? block : AllocateCounted(bytes, block, bin, cache);
    }

    // False: the bin's countdown has run out. The block is given out all the same.
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static bool GiveOut(Bin* bin, Block* first)
    {
        // In this order: a fork between the lines leaves a bin in the child that has lost the block, no more.
        Block* next = first->Next;
        if (Sse.IsSupported) Sse.Prefetch0(next);       // the next call will read its link
        bin->Free = next;
        bin->Count = bin->Count - 1;            // not `--`, which takes the field's address first
        bin->Countdown = bin->Countdown - 1;
        return bin->Countdown != 0;
    }

    /// <summary>The countdown of the block's bin has run out: perhaps this is an allocation for a profile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateCounted(nuint bytes, Block* block, Bin* bin, ThreadCache* cache)
    {
        HeapRoot* root = Root;
        int sizeClass = (int)(bin - (Bin*)cache);
        bool isPicked = Sampling.Rearm(root, cache, sizeClass);
        if (Volatile.Read(ref root->ProfileRequest) != 0) Sampling.Obey(root);
        if (!isPicked) return block;
        void* sampled = Sampling.AllocateSmall(root, bytes, sizeClass);
        if (sampled == null) return block;
        --*ThreadCache.AllocatedAtZero(cache, sizeClass);       // it was not given out after all
        Free(block, cache);
        return sampled;
    }

    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void* AllocateMedium(nuint bytes, ThreadCache* cache)
    {
        if (bytes > SizeClasses.MaxBytes) return LargeAllocation.Allocate(bytes);
        Bin* bin = Bins.At(cache, SizeClasses.Of(bytes));
        if (Volatile.Read(ref bin->Limit) == 0) return AllocateSlow(bytes, cache);      // perhaps hidden: see `BinSeizure`
        Block* block = bin->Free;
        if (block == null) return AllocateSlow(bytes, cache);
        return GiveOut(bin, block) ? block : AllocateCounted(bytes, block, bin, cache);
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
            Page* page = FindPage(root, cache, sizeClass);
            if (page == null)
            {
                Bins.FlushAll(root, cache);             // a page may fall empty
                SliceStock.Flush(root, cache);          // and slices of the stock make a longer run
                page = FindPage(root, cache, sizeClass);
            }
            if (page != null) Bins.Fill(bin, page);
        }
        Block* block = bin->Free;
        bool isCounted = block != null && !GiveOut(bin, block);
        cache->Lock.Exit();
        if (isCounted) return AllocateCounted(bytes, block, bin, cache);
        return block == null ? OutOfMemory(bytes) : block;
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
