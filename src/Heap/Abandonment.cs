using System.Threading;

namespace Lampyris;

// A thread that ends leaves its cache, with the pages that still hold live blocks, on a list. The next thread
// that starts takes it as it is; until then, threads that need a page take pages out of it, and the
// purger looks after the rest.
public static unsafe class Abandonment
{
    const int MaxFilled = 8;        // ended threads that leave their bins filled to the next ones

    /// <summary>
    /// Leaves the cache of a thread that ends. Its empty pages go back at once. False, and nothing happens, if
    /// the cache is not in its <paramref name="attachment"/> to that thread any more: the end may have been seen by others, too,
    /// and the next thread may even have the same id of the kernel's.
    /// </summary>
    public static bool Abandon(HeapRoot* root, ThreadCache* cache, uint attachment)
    {
        cache->Lock.Enter();
        if (cache->State != CacheState.Live || cache->Attachment != attachment)
        {
            cache->Lock.Exit();
            return false;
        }
        if (root->AbandonedCount >= MaxFilled) Bins.FlushAll(root, cache);
        Bins.NarrowAll(root, cache);
        Outbox.FlushAll(cache);
        while (ThreadCaches.TakeReady(root, cache)) { }
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            Page* next;
            for (Page* page = *ThreadCache.First(cache, sizeClass); page != null; page = next)
            {
                next = page->Next;
                PageFill.Collect(page);
                if (page->Live == 0) Heap.Release(root, page);
            }
        }
        SliceStock.Flush(root, cache);          // the slices of those pages, too
        cache->State = CacheState.Abandoned;
        cache->ThreadId = 0;
        cache->Lock.Exit();
        Interlocked.Decrement(ref root->ThreadCount);
        Prepend(root, cache);
        Purger.Nudge(root);
        return true;
    }

    /// <summary>The first cache of the list, off it; null where there is none.</summary>
    public static ThreadCache* TakeCache(HeapRoot* root)
    {
        if (Volatile.Read(ref root->AbandonedCount) == 0) return null;
        root->AbandonedLock.Enter();
        ThreadCache* cache = root->AbandonedFirst;
        if (cache != null)
        {
            root->AbandonedFirst = cache->NextAbandoned;
            if (root->AbandonedFirst == null) root->AbandonedLast = null;
            root->AbandonedCount--;
        }
        root->AbandonedLock.Exit();
        return cache;
    }

    /// <summary>
    /// Moves the pages of one class from an abandoned cache to <paramref name="cache"/>, whose lock the caller holds.
    /// True if there were any. Looks at a few abandoned caches and moves a few pages a call; the caches come by in turn.
    /// </summary>
    public static bool TryAdopt(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        const int MaxLooks = 4;

        // Every page that is made comes by here. So nothing shared is written, and no lock taken, where there is nothing to adopt: the
        // links are read as they are, and one that leads off the list ends at a cache that is not abandoned.
        int looks = Volatile.Read(ref root->AbandonedCount);
        if (looks > MaxLooks) looks = MaxLooks;
        for (; looks > 0; looks--)
        {
            ThreadCache* from = cache->NextToAdoptFrom;
            if (from == null || from->State != CacheState.Abandoned) from = (ThreadCache*)Volatile.Read(ref *(nint*)&root->AbandonedFirst);
            if (from == null) return false;
            cache->NextToAdoptFrom = from->NextAbandoned;
            if (MayHave(from, sizeClass) && TryAdoptFrom(root, from, cache, sizeClass)) return true;
        }
        return false;
    }

    static bool MayHave(ThreadCache* from, int sizeClass) =>
        *ThreadCache.First(from, sizeClass) != null || Bins.At(from, sizeClass)->Free != null || Volatile.Read(ref from->Ready) != 0;

    // The next thread may take the cache meanwhile: it waits for the lock before it allocates.
    static bool TryAdoptFrom(HeapRoot* root, ThreadCache* from, ThreadCache* cache, int sizeClass)
    {
        const int MaxPages = 8;

        int count = 0;
        if (!from->Lock.TryEnter()) return false;       // never waits: another thread may hold it and want ours
        if (from->State == CacheState.Abandoned)
        {
            Bins.Flush(root, from, sizeClass);
            ThreadCaches.TakeReady(root, from);
            Page* next;
            for (Page* page = *ThreadCache.First(from, sizeClass); page != null && count < MaxPages; page = next, count++)
            {
                next = page->Next;
                PageQueue.Remove(from, page);
                page->Cache = cache;
                page->Owner = cache;
                PageQueue.Append(cache, page);
            }
        }
        from->Lock.Exit();
        return count != 0;
    }

    // The next thread takes the cache that was left last: where few of many short threads run at once, few caches fill up.
    static void Prepend(HeapRoot* root, ThreadCache* cache)
    {
        root->AbandonedLock.Enter();
        cache->NextAbandoned = root->AbandonedFirst;
        root->AbandonedFirst = cache;
        if (root->AbandonedLast == null) root->AbandonedLast = cache;
        root->AbandonedCount++;
        root->AbandonedLock.Exit();
    }

    /// <summary>Puts a cache without a thread at the end of the list.</summary>
    public static void Append(HeapRoot* root, ThreadCache* cache)
    {
        root->AbandonedLock.Enter();
        cache->NextAbandoned = null;
        if (root->AbandonedLast == null) root->AbandonedFirst = cache;
        else root->AbandonedLast->NextAbandoned = cache;
        root->AbandonedLast = cache;
        root->AbandonedCount++;
        root->AbandonedLock.Exit();
    }
}
