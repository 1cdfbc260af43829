using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class PageQueueTests
{
    // Goal: queue and direct table stay in step. Method: pages of one class in and out of the ends and the middle.
    [Fact]
    public void TheFirstPageServesAllSizesOfItsClass() => TestHeap.OnThread(() =>
    {
        TestHeap.Free(TestHeap.Allocate(16));
        ThreadCache* cache = TestHeap.Cache;
        HeapRoot* root = TestHeap.Root;
        int sizeClass = SizeClasses.Of(700);            // 641..704
        while (*ThreadCache.First(cache, sizeClass) != null) PageQueue.Remove(cache, *ThreadCache.First(cache, sizeClass));
        Page* a = PageFill.Create(root, cache, sizeClass), b = PageFill.Create(root, cache, sizeClass), c = PageFill.Create(root, cache, sizeClass);
        Assert.True(*ThreadCache.Direct(cache, 44) == Heap.EmptyPage);
        PageQueue.Append(cache, a);
        PageQueue.Append(cache, b);
        PageQueue.Append(cache, c);
        TestHeap.Verify();
        for (nuint granules = 41; granules <= 44; granules++) Assert.True(*ThreadCache.Direct(cache, granules) == a);
        Assert.True(*ThreadCache.Direct(cache, 40) != a && *ThreadCache.Direct(cache, 45) != a);
        PageQueue.Remove(cache, b);
        Assert.True(a->Next == c && c->Previous == a);
        PageQueue.Remove(cache, a);
        Assert.True(*ThreadCache.Direct(cache, 44) == c && *ThreadCache.Last(cache, sizeClass) == c);
        PageQueue.Remove(cache, c);
        Assert.True(*ThreadCache.Direct(cache, 44) == Heap.EmptyPage && *ThreadCache.Last(cache, sizeClass) == null);
        PageFill.Destroy(root, a);
        PageFill.Destroy(root, b);
        PageFill.Destroy(root, c);
        TestHeap.Verify();
    });
}
