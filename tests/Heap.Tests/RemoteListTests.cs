using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class RemoteListTests
{
    const int BlockBytes = 496;
    const int Few = Segment.SliceBytes / BlockBytes / 8;       // of a page's blocks: too few to tell the owner

    // The blocks of a page of this thread's that has no free one: filled to the last.
    static byte*[] FullPage(out Page* page)
    {
        System.Collections.Generic.List<nint> blocks = [];
        page = null;
        TestHeap.Free(TestHeap.Allocate(BlockBytes));
        TestHeap.Flush();
        while (true)
        {
            byte* block = TestHeap.Allocate(BlockBytes);
            blocks.Add((nint)block);
            Page* its = TestHeap.PageOf(block);
            if (page == null && TestHeap.BeginsAPage(block)) page = its;
            if (page != null && its == page && blocks.FindAll(IsIn(page)).Count == page->Capacity) break;
        }
        blocks.Add((nint)TestHeap.Allocate(BlockBytes));           // the page is marked full when the next block is asked for
        Assert.Equal(PageState.Full, page->State);
        System.Predicate<nint> isIn = IsIn(page);
        foreach (nint block in blocks)
            if (!isIn(block)) TestHeap.Free((void*)block);
        TestHeap.Flush();
        byte*[] result = new byte*[page->Capacity];
        int count = 0;
        foreach (nint block in blocks)
            if (isIn(block)) result[count++] = (byte*)block;
        return result;
    }

    static System.Predicate<nint> IsIn(Page* page)
    {
        nint wanted = (nint)page;
        return block => (nint)TestHeap.PageOf((void*)block) == wanted;
    }

    [Fact]
    public void BlocksFreedElsewhereAreCountedUntilTheOwnerTakesThem()
    {
        byte*[] blocks = FullPage(out Page* page);
        nint where = (nint)page;
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < Few; i++) TestHeap.Free(blocks[i]);
            TestHeap.Flush();
        });
        Assert.Equal((uint)Few, RemoteList.Count(page->Remote));
        Assert.True(RemoteList.Newest(page->Remote) == (Block*)blocks[Few - 1]);
        Assert.False(RemoteList.IsNotified(page));
        TestHeap.Verify();
        ulong word = RemoteList.Take(page);
        Assert.Equal((uint)Few, RemoteList.Count(word));
        Assert.Equal(0u, RemoteList.Count(page->Remote));
        for (int i = 0; i < Few; i++) RemoteList.Push(page, (Block*)blocks[i], (Block*)blocks[i], 1);
        TestHeap.Verify();
        for (int i = Few; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    [Fact]
    public void TheOwnerIsToldOnceOfAFullPageWithEnoughBlocksBack()
    {
        byte*[] blocks = FullPage(out Page* page);
        ThreadCache* mine = TestHeap.Cache;
        nint cache = (nint)mine, told = (nint)page;
        int enough = (page->Capacity >> 3) + 1;
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < enough - 1; i++) TestHeap.Free(blocks[i]);
            TestHeap.Flush();
        });
        Assert.False(RemoteList.IsNotified(page));
        TestHeap.OnThread(() => FreeToItsPage(blocks[enough - 1]));
        Assert.True(RemoteList.IsNotified(page));
        Assert.Equal(told, mine->Ready);
        TestHeap.OnThread(() => FreeToItsPage(blocks[enough]));
        Assert.True(page->NextReady != page);
        TestHeap.Verify();
        TakeReady();
        Assert.False(RemoteList.IsNotified(page));
        Assert.Equal(PageState.Queued, page->State);
        for (int i = enough + 1; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    [Fact]
    public void TheOwnerIsToldOfAQueuedPageAgainWhenHalfOfItHasComeBack()
    {
        byte*[] blocks = FullPage(out Page* page);
        int enough = (page->Capacity >> 3) + 1, again = (page->Capacity >> 1) + 1;
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < enough; i++) TestHeap.Free(blocks[i]);
            TestHeap.Flush();
        });
        TakeReady();
        TestHeap.OnThread(() =>
        {
            for (int i = enough; i < enough + again - 1; i++) TestHeap.Free(blocks[i]);
            TestHeap.Flush();
        });
        Assert.False(RemoteList.IsNotified(page));
        TestHeap.OnThread(() => FreeToItsPage(blocks[enough + again - 1]));
        Assert.True(RemoteList.IsNotified(page));
        TakeReady();
        Assert.Equal(0u, RemoteList.Count(page->Remote));
        for (int i = enough + again; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    [Fact]
    public void AFullPageIsQueuedAgainWhenItsOwnerHasFreedEnough()
    {
        byte*[] blocks = FullPage(out Page* page);
        int enough = (int)page->ReopenCount;
        for (int i = 0; i < enough - 1; i++) TestHeap.Free(blocks[i]);
        TestHeap.Flush();
        Assert.Equal(PageState.Full, page->State);
        Assert.Equal((uint)(page->Capacity - enough + 1), page->LiveCount);
        TestHeap.Verify();
        FreeToItsPage(blocks[enough - 1]);
        Assert.Equal(PageState.Queued, page->State);
        Assert.Equal((uint)(page->Capacity - enough), page->Live);
        TestHeap.Verify();
        for (int i = enough; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    static void FreeToItsPage(byte* block)
    {
        TestHeap.Free(block);
        TestHeap.Flush();
    }

    static void TakeReady()
    {
        ThreadCache* mine = TestHeap.Cache;
        mine->Lock.Enter();
        bool any = ThreadCaches.TakeReady(TestHeap.Root, mine);
        mine->Lock.Exit();
        Assert.True(any);
    }

    [Fact]
    public void NoBlockIsLostWhenFourThreadsFreeIntoOnePageAtOnce()
    {
        for (int round = 0; round < 50; round++)
        {
            byte*[] blocks = FullPage(out Page* page);
            nint where = (nint)page;
            TestThread[] threads = new TestThread[4];
            for (int t = 0; t < 4; t++)
            {
                int from = t;
                threads[t] = TestHeap.StartThread(() =>
                {
                    for (int i = from; i < blocks.Length - 1; i += 4) TestHeap.Free(blocks[i]);
                    TestHeap.Flush();
                });
            }
            TestHeap.Join(threads);
            Assert.Equal((uint)blocks.Length - 1, RemoteList.Count(page->Remote));
            TestHeap.Free(blocks[^1]);
        }
        TestHeap.Verify();
    }
}
