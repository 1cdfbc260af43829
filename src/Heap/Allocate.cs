using System.Runtime.CompilerServices;
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
        Page* page = *ThreadCache.Direct(cache, bytes + (SizeClasses.Granule - 1) >> 4);
        Block* block = page->Free;
        if (block == null) return AllocateSlow(bytes, cache);
        return GiveOut(page, block) ? block : AllocateCounted(bytes, block, page);
    }

    // False: the page's countdown has run out. The block is given out all the same.
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static bool GiveOut(Page* page, Block* first)
    {
        // In this order: a fork between the lines leaves a page whose counts are right in the child.
        page->Free = first->Next;
        page->Live = page->Live + 1;            // not `++`, which takes the field's address first
        long countdown = page->Countdown - 1;
        page->Countdown = countdown;
        return countdown != 0;
    }

    /// <summary>The countdown of the block's page has run out: perhaps this is an allocation for a profile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateCounted(nuint bytes, Block* block, Page* page)
    {
        HeapRoot* root = Root;
        bool isPicked = Sampling.Rearm(root, page);
        if (Volatile.Read(ref root->ProfileRequest) != 0) Sampling.Obey(root);
        if (!isPicked) return block;
        ThreadCache* cache = page->Cache;
        void* sampled = Sampling.AllocateSmall(root, bytes, page->Class);
        if (sampled == null) return block;
        page->AllocatedAtZero--;                // it was not given out after all
        Free(block, cache);
        return sampled;
    }

    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void* AllocateMedium(nuint bytes, ThreadCache* cache)
    {
        if (bytes > SizeClasses.MaxBytes) return LargeAllocation.Allocate(bytes);
        Page* page = *ThreadCache.First(cache, SizeClasses.Of(bytes));
        if (page == null) return AllocateSlow(bytes, cache);
        Block* block = page->Free;
        if (block == null) return AllocateSlow(bytes, cache);
        return GiveOut(page, block) ? block : AllocateCounted(bytes, block, page);
    }

    /// <summary>First call of a thread, or the page at hand has run out.</summary>
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
        ThreadCaches.TakeReady(root, cache);
        Page* page = FindPage(root, cache, sizeClass);
        Block* block = null;
        bool isCounted = false;
        if (page != null)
        {
            if (page->SamplingRound != root->SamplingRound) Sampling.Arm(root, page);
            block = page->Free;
            isCounted = !GiveOut(page, block);
        }
        cache->Lock.Exit();
        if (isCounted) return AllocateCounted(bytes, block, page);
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
        LetGo(page);
        if (PageFill.Refill(page)) return true;
        PageQueue.RemoveFirst(cache, page);
        RemoteList.ClearWaiting(page);
        page->State = PageState.Full;
        page->Live = page->ReopenCount;
        return false;
    }
}
