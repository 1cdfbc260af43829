using System.Threading;

namespace Lampyris;

// Caches come and go with threads. A cache is never unmapped: what another thread does with a pointer to
// one it has read is always harmless.
public static unsafe class ThreadCaches
{
    const int ChunkBytes = 64 * Units.KiB;

    /// <summary>Gives the calling thread a cache: that of a thread that has ended, or a new one. Null when memory is refused.</summary>
    public static ThreadCache* Attach(HeapRoot* root)
    {
        ThreadCache* cache = Abandonment.TakeCache(root);
        if (cache == null && FindEnded(root)) cache = Abandonment.TakeCache(root);
        bool fresh = cache == null;
        if (fresh) cache = Make(root, CacheState.Live);
        if (cache == null) return null;
        uint attachment = ++cache->Attachment;
        Volatile.Write(ref cache->ThreadId, OsThread.CurrentId());      // after that: pairs with the read in `FindEnded`
        cache->SignalMask = OsThread.BlockedSignals();
        if (!fresh)
        {
            cache->Lock.Enter();                // the purger may be looking through it
            cache->State = CacheState.Live;
            cache->Lock.Exit();
        }
        Interlocked.Increment(ref root->StartedThreadCount);
        int count = Interlocked.Increment(ref root->ThreadCount);
        if (count > root->PeakThreadCount) root->PeakThreadCount = count;
        // From here on this thread can allocate; watching its end may do so.
        Host.SetThreadCache(cache);
        Host.WatchThreadEnd(cache, attachment);
        return cache;
    }

    /// <summary>A new cache, on the list of all, that holds nothing. Null when memory is refused.</summary>
    public static ThreadCache* Make(HeapRoot* root, CacheState state)
    {
        ThreadCache* cache = Cut(root);
        if (cache == null) return null;
        Bins.Open(cache);
        Sampling.ArmAll(root, cache);
        cache->State = state;
        Publish(root, cache);
        return cache;
    }

    /// <summary>
    /// Takes up pages into which others have freed, a few a call: full ones are queued again, empty ones go back.
    /// True if there were any. Under the cache's lock.
    /// </summary>
    public static bool TakeReady(HeapRoot* root, ThreadCache* cache)
    {
        const int MaxPages = 8;

        int count = 0;
        for (; count < MaxPages; count++)
        {
            Page* page = ThreadCache.PopReady(cache);
            if (page == null) break;
            if (page->Cache != cache) ThreadCache.Tell(page);       // adopted by another cache meanwhile
            else Admit(root, page);
        }
        return count != 0;
    }

    // A thread that allocates in the very last round of its destructors gets a cache whose end nobody sees.
    // Each thread that needs a new cache looks at a few, the next ones in the list each time, and abandons
    // those whose thread is no more: so they stay few. Not in a process made by `vfork` or without the fork
    // hooks, where the kernel would not know the threads. True if there was one.
    static bool FindEnded(HeapRoot* root)
    {
        const int MaxLooks = 4;

        if (OsThread.ProcessId() != root->ProcessId) return false;
        bool any = false;
        ThreadCache* cache = (ThreadCache*)Volatile.Read(ref root->NextToLookAt);
        for (int looks = 0; looks < MaxLooks; looks++)
        {
            if (cache == null) cache = (ThreadCache*)Volatile.Read(ref root->Caches);
            if (cache == null) break;
            uint attachment = Volatile.Read(ref cache->Attachment);     // first: pairs with the order in `Attach`
            int threadId = cache->ThreadId;
            if (cache->State == CacheState.Live && threadId != 0 && !OsThread.Exists(threadId))
                any |= Abandonment.Abandon(root, cache, attachment);
            cache = cache->NextCache;
        }
        Volatile.Write(ref root->NextToLookAt, (nint)cache);
        return any;
    }

    static void Admit(HeapRoot* root, Page* page)
    {
        if (page->State == PageState.Full) Heap.Reopen(page);
        PageFill.Collect(page, RemoteList.TakeUp(page));
        if (page->LiveCount == 0) Heap.ReleaseIfNotNeeded(root, page);
    }

    static ThreadCache* Cut(HeapRoot* root)
    {
        ThreadCache* cache = null;
        root->CacheLock.Enter();
        if (root->CacheChunkBytes < ThreadCache.HeaderBytes)
        {
            byte* chunk = OsMemory.Map(ChunkBytes);
            if (chunk != null)
            {
                root->CacheChunk = chunk;
                root->CacheChunkBytes = ChunkBytes;
                Atomic.Add(ref root->ReservedBytes, ChunkBytes);
            }
        }
        if (root->CacheChunkBytes >= ThreadCache.HeaderBytes)
        {
            cache = (ThreadCache*)root->CacheChunk;
            root->CacheChunkBytes -= ThreadCache.HeaderBytes;       // first: a fork in between only wastes a piece
            root->CacheChunk += ThreadCache.HeaderBytes;
            root->CacheBytes += ThreadCache.HeaderBytes;
        }
        root->CacheLock.Exit();
        return cache;
    }

    static void Publish(HeapRoot* root, ThreadCache* cache)
    {
        while (true)
        {
            nint head = Volatile.Read(ref root->Caches);
            cache->NextCache = (ThreadCache*)head;
            if (Interlocked.CompareExchange(ref root->Caches, (nint)cache, head) == head) return;
        }
    }
}
