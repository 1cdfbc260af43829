using System.Runtime.CompilerServices;

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
        return GiveOut(page, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Block* GiveOut(Page* page, Block* first)
    {
        // In this order: a fork between the lines leaves a page whose counts are right in the child.
        page->Free = first->Next;
        page->Live++;
        page->Allocated++;
        return first;
    }

    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void* AllocateMedium(nuint bytes, ThreadCache* cache)
    {
        if (bytes > SizeClasses.MaxBytes) return LargeAllocation.Allocate(bytes);
        Page* page = *ThreadCache.First(cache, SizeClasses.Of(bytes));
        if (page == null) return AllocateSlow(bytes, cache);
        Block* block = page->Free;
        if (block == null) return AllocateSlow(bytes, cache);
        return GiveOut(page, block);
    }

    /// <summary>First call of a thread, or the page at hand has run out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateSlow(nuint bytes, ThreadCache* cache)
    {
        HeapRoot* root = Start();
        if (cache->State == CacheState.Empty)
        {
            cache = ThreadCaches.Attach(root);
            if (cache == null) return OutOfMemory();
        }
        int sizeClass = SizeClasses.Of(bytes);
        cache->Lock.Enter();
        ThreadCaches.TakeReady(root, cache);
        Page* page = FindPage(root, cache, sizeClass);
        Block* block = page == null ? null : GiveOut(page, page->Free);
        cache->Lock.Exit();
        return block == null ? OutOfMemory() : block;
    }

    /// <summary>A page of the class with a free block, first in its queue. Null when memory is refused.</summary>
    static Page* FindPage(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        while (true)
        {
            Page* page = *ThreadCache.First(cache, sizeClass);
            if (page != null)
            {
                if (page->Free != null) return page;
                LetGo(page);
                if (PageFill.Refill(page)) return page;
                PageQueue.RemoveFirst(cache, page);
                RemoteList.ClearWaiting(page);
                page->State = PageState.Full;
                page->Live = page->ReopenCount;
                continue;
            }
            if (ThreadCaches.TakeReady(root, cache)) continue;
            if (Abandonment.TryAdopt(root, cache, sizeClass)) continue;
            page = PageFill.Create(root, cache, sizeClass);
            if (page == null) return null;
            PageQueue.Append(cache, page);
        }
    }
}
