namespace Lampyris;

// The cache that every thread starts with: made on first use.
static unsafe class EmptyCache
{
    public static ThreadCache* Get()
    {
        const int Bytes = ThreadCache.HeaderBytes + Page.HeaderBytes;
        ThreadCache* cache = (ThreadCache*)Host.EmptyCacheStorage(Bytes);
        Page* page = (Page*)((byte*)cache + ThreadCache.HeaderBytes);
        for (nuint index = 0; index < ThreadCache.DirectCount; index++) *ThreadCache.Direct(cache, index) = page;
        return cache;
    }
}
