using System.Threading;

namespace Lampyris;

// The cache that every thread starts with: made on first use.
static unsafe class EmptyCache
{
    // Whoever uses the heap comes by here first.
    static EmptyCache() => Host.ThreadEnded = &ThreadEnded;

    // Late: the purger may have seen the thread's end before, and the cache may serve another thread by now, even one to which the
    // kernel has given the same id. `Attach` counts before it writes the id, so the id is read first.
    static void ThreadEnded(void* address, uint attachment)
    {
        ThreadCache* cache = (ThreadCache*)address;
        int threadId = Volatile.Read(ref cache->ThreadId);
        if (Volatile.Read(ref cache->Attachment) == attachment) Abandonment.Abandon(Heap.Root, cache, threadId);
    }

    public static ThreadCache* Get()
    {
        ThreadCache* cache = (ThreadCache*)Host.EmptyCacheStorage(ThreadCache.HeaderBytes);
        for (nuint index = 0; index <= ThreadCache.DirectCount; index++) *ThreadCache.Direct(cache, index) = (Bin*)cache;
        return cache;
    }
}
