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

    /// <summary>
    /// The first cache of the list, off it; null where there is none or, unless <paramref name="mayWait"/>, another thread is at
    /// the list just now.
    /// </summary>
    public static ThreadCache* TakeCache(HeapRoot* root, bool mayWait = true)
    {
        if (Volatile.Read(ref root->AbandonedCount) == 0) return null;
        if (mayWait) root->AbandonedLock.Enter();
        else if (!root->AbandonedLock.TryEnter()) return null;
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
    /// True if there were any. Looks at one abandoned cache and a few pages a call: they come by in turn.
    /// </summary>
    public static bool TryAdopt(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        const int MaxPages = 8;

        // Every page that is made comes by here: threads do not wait for each other to look.
        ThreadCache* from = TakeCache(root, mayWait: false);
        if (from == null) return false;
        from->Lock.Enter();
        Bins.Flush(root, from, sizeClass);
        ThreadCaches.TakeReady(root, from);
        int count = 0;
        Page* next;
        for (Page* page = *ThreadCache.First(from, sizeClass); page != null && count < MaxPages; page = next, count++)
        {
            next = page->Next;
            PageQueue.Remove(from, page);
            page->Cache = cache;
            *Segment.OwnerOf(page) = cache;
            PageQueue.Append(cache, page);
        }
        from->Lock.Exit();
        Append(root, from);
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
