using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class PageQueueTests
{
    // Goal: both ends of a queue are right. Method: pages of one class in and out of the ends and the middle.
    [Fact]
    public void PagesJoinAtTheEndAndLeaveFromAnywhere() => TestHeap.OnThread(() =>
    {
        TestHeap.Free(TestHeap.Allocate(16));
        ThreadCache* cache = TestHeap.Cache;
        HeapRoot* root = TestHeap.Root;
        int sizeClass = SizeClasses.Of(700);
        while (*ThreadCache.First(cache, sizeClass) != null) PageQueue.Remove(cache, *ThreadCache.First(cache, sizeClass));
        Page* a = PageFill.Create(root, cache, sizeClass), b = PageFill.Create(root, cache, sizeClass), c = PageFill.Create(root, cache, sizeClass);
        PageQueue.Append(cache, a);
        PageQueue.Append(cache, b);
        PageQueue.Append(cache, c);
        TestHeap.Verify();
        Assert.True(*ThreadCache.First(cache, sizeClass) == a && *ThreadCache.Last(cache, sizeClass) == c);
        PageQueue.Remove(cache, b);
        Assert.True(a->Next == c && c->Previous == a);
        PageQueue.Remove(cache, a);
        Assert.True(*ThreadCache.First(cache, sizeClass) == c && *ThreadCache.Last(cache, sizeClass) == c);
        PageQueue.Remove(cache, c);
        Assert.True(*ThreadCache.First(cache, sizeClass) == null && *ThreadCache.Last(cache, sizeClass) == null);
        PageFill.Destroy(root, a, toStock: true);
        PageFill.Destroy(root, b, toStock: true);
        PageFill.Destroy(root, c, toStock: false);
        TestHeap.Verify();
    });
}
