using System.Collections.Generic;
using Xunit;

namespace Lampyris.Tests;

// A page that is the only one of its class stays when it falls empty, and counts a block more than live meanwhile.
public sealed unsafe class KeptPageTests
{
    const int Bytes = 720;              // a class that nothing else here uses

    [Fact]
    public void ItFallsEmptyAgainAndAgainAndCountsRight() => TestHeap.OnThread(() =>
    {
        byte* block = TestHeap.Allocate(Bytes);
        Page* page = TestHeap.PageOf(block);
        for (int i = 0; i < 5; i++)
        {
            TestHeap.Free(block);
            Assert.Equal(1, page->Held);
            Assert.Equal(0u, page->LiveCount);
            TestHeap.Verify();
            Assert.True(TestHeap.Allocate(Bytes) == block);
            Assert.Equal(1u, page->LiveCount);
        }
        HeapSnapshot snapshot = TestHeap.Snapshot();
        Assert.Equal(1ul, snapshot.ClassLiveCount[SizeClasses.Of(Bytes)]);
        TestHeap.Free(block);
    });

    [Fact]
    public void OnceItHasRunOutItGoesWhenItFallsEmpty() => TestHeap.OnThread(() =>
    {
        byte* first = TestHeap.Allocate(Bytes);
        Page* page = TestHeap.PageOf(first);
        TestHeap.Free(first);
        Assert.Equal(1, page->Held);
        List<nint> blocks = [];
        while (page->CarvedBytes <= 8 * Units.KiB) blocks.Add((nint)TestHeap.Allocate(Bytes));     // more than is kept
        Assert.Equal(0, page->Held);
        Assert.Equal((uint)blocks.Count, page->LiveCount);
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        Assert.Equal(PageKind.None, page->Kind);
        TestHeap.Verify();
    });

    [Fact]
    public void ItGoesWithItsThread()
    {
        Page* page = null;
        TestHeap.OnThread(() =>
        {
            byte* block = TestHeap.Allocate(Bytes);
            page = TestHeap.PageOf(block);
            TestHeap.Free(block);
            Assert.Equal(PageKind.Small, page->Kind);
            TestHeap.EndThread();
        });
        Assert.Equal(PageKind.None, page->Kind);
        TestHeap.Verify();
    }
}
