namespace Lampyris;

// The cache that every thread starts with: constant data of the C half.
static unsafe class EmptyCache
{
    public static ThreadCache* Get() => (ThreadCache*)Host.EmptyCache();
}
