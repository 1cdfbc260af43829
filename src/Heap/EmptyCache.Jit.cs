namespace Lampyris;

// The cache that every thread starts with: made on first use.
static unsafe class EmptyCache
{
    // Whoever uses the heap comes by here first.
    static EmptyCache() => Host.ThreadEnded = &ThreadEnded;

    // Late: the purger may have seen the thread's end before, and the cache may serve another thread by now.
    static void ThreadEnded(void* cache, uint attachment) => Abandonment.Abandon(Heap.Root, (ThreadCache*)cache, attachment);

    public static ThreadCache* Get()
    {
        ThreadCache* cache = (ThreadCache*)Host.EmptyCacheStorage(ThreadCache.HeaderBytes);
        for (nuint index = 0; index <= ThreadCache.DirectCount; index++) *ThreadCache.Direct(cache, index) = (Bin*)cache;
        return cache;
    }
}
