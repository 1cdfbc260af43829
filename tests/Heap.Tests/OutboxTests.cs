using System.Collections.Generic;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

/// <summary>Blocks of other threads' pages travel in batches, and nothing of them is lost or forgotten.</summary>
public sealed unsafe class OutboxTests
{
    const int Bytes = 64, Large = 4096, Count = 100;

    static Outbox* BoxOf(nuint bytes) => ThreadCache.Outbox(TestHeap.Cache, Bins.At(TestHeap.Cache, SizeClasses.Of(bytes)));

    // Gives the calling thread a cache whose bins take nothing, so that each free goes to the block's page.
    static void CloseBins()
    {
        TestHeap.TakeEmptyCache();
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) Bins.At(TestHeap.Cache, sizeClass)->Limit = 0;
    }

    // Blocks side by side at the beginning of a page of the calling thread's.
    static byte*[] InOnePage(nuint bytes, int count)
    {
        TestHeap.TakeEmptyCache();
        byte*[] blocks = new byte*[count];
        for (int i = 0; i < count;)
        {
            byte* block = TestHeap.Allocate(bytes);
            if (i == 0 ? TestHeap.BeginsAPage(block) : TestHeap.PageOf(block) == TestHeap.PageOf(blocks[0])) blocks[i++] = block;
        }
        return blocks;
    }

    static uint Remote(byte* block) => RemoteList.Count(TestHeap.PageOf(block)->Remote);

    static uint NotComeBack(byte* block) => TestHeap.PageOf(block)->LiveCount - Remote(block);

    [Fact]
    public void BlocksOfOnePageTravelTogether() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, Count);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            for (int i = 0; i < Count; i++)
            {
                TestHeap.Free(blocks[i]);
                Assert.Equal((uint)i % Outbox.MaxCount + 1, BoxOf(Bytes)->Count);
                Assert.Equal((uint)i / Outbox.MaxCount * Outbox.MaxCount, Remote(blocks[0]));
            }
            TestHeap.Verify();
        });
        Assert.Equal((uint)Count, Remote(blocks[0]));               // the thread has ended
        TestHeap.Verify();
    });

    [Fact]
    public void AnotherPageSendsThemOnTheirWay() => TestHeap.OnThread(() =>
    {
        byte*[] first = InOnePage(Bytes, 3), second = InOnePage(Bytes, 1);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            foreach (byte* block in first) TestHeap.Free(block);
            Assert.Equal(0u, Remote(first[0]));
            TestHeap.Free(second[0]);
            Assert.Equal(3u, Remote(first[0]));
            Assert.Equal(1u, BoxOf(Bytes)->Count);
        });
    });

    [Fact]
    public void SizesThatAreFreedInTurnHaveOneEach() => TestHeap.OnThread(() =>
    {
        byte*[][] blocks = new byte*[Outbox.PerThread][];
        for (int size = 0; size < blocks.Length; size++) blocks[size] = InOnePage((nuint)(size + 1) * 16, 20);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            for (int i = 0; i < 20; i++)
                foreach (byte*[] ofASize in blocks) TestHeap.Free(ofASize[i]);
            foreach (byte*[] ofASize in blocks) Assert.Equal(0u, Remote(ofASize[0]));
            TestHeap.Flush();
            foreach (byte*[] ofASize in blocks) Assert.Equal(20u, Remote(ofASize[0]));
        });
    });

    [Fact]
    public void PagesOfFewBlocksHearOfEachAtOnce() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Large, 2);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            TestHeap.Free(blocks[0]);
            Assert.Equal(1u, Remote(blocks[0]));
        });
    });

    [Fact]
    public void TheyAreOffTheCountsAtOnce() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, 20);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            HeapSnapshot before = TestHeap.Snapshot();
            foreach (byte* block in blocks) TestHeap.Free(block);
            HeapSnapshot after = TestHeap.Snapshot();
            Assert.Equal(20u, BoxOf(Bytes)->Count);
            Assert.Equal(20ul, before.ClassLiveCount[SizeClasses.Of(Bytes)] - after.ClassLiveCount[SizeClasses.Of(Bytes)]);
            Assert.Equal(20ul, after.RemoteFreeCount - before.RemoteFreeCount);
        });
    });

    [Fact]
    public void AThreadThatOnlyFreesGetsThemOnceItFreesMuch() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, 200);
        TestHeap.OnThread(() =>
        {
            TestHeap.Free(blocks[0]);
            Assert.Equal(CacheState.Empty, TestHeap.Cache->State);
            for (int i = 1; i < 200; i++) TestHeap.Free(blocks[i]);
            Assert.Equal(CacheState.Live, TestHeap.Cache->State);
        });
        TestHeap.Verify();
    });

    [Fact]
    public void ThePurgerSendsThoseOfAThreadThatSleeps() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, 20);
        using ManualResetEvent ready = new(false), leave = new(false);
        nint cache = 0;
        TestThread sleeper = TestHeap.StartThread(() =>
        {
            CloseBins();
            for (int i = 0; i < 10; i++) TestHeap.Free(blocks[i]);
            cache = (nint)TestHeap.Cache;
            ready.Set();
            leave.WaitOne();
            for (int i = 10; i < 20; i++) TestHeap.Free(blocks[i]);
            Assert.Equal(10u, BoxOf(Bytes)->Count);
        });
        ready.WaitOne();
        sleeper.WaitUntilAsleep();
        TestHeap.Flush();
        uint before = NotComeBack(blocks[0]);
        TestHeap.Visit(idleOnly: false);
        Assert.Equal(10u, before - NotComeBack(blocks[0]));
        Assert.Equal(Outbox.MaxCount, *ThreadCache.OutboxLimit((ThreadCache*)cache));
        leave.Set();
        TestHeap.Join(sleeper);
        Assert.Equal(20u, before - NotComeBack(blocks[0]));
        TestHeap.Verify();
    });

    [Fact]
    public void WhileTheyAreHiddenBlocksGoStraightToTheirPage() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, 20);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            for (int i = 0; i < 10; i++) TestHeap.Free(blocks[i]);
            uint* limits = stackalloc uint[SizeClasses.Count];
            Bins.Hide(TestHeap.Cache, limits);
            for (int i = 10; i < 20; i++) TestHeap.Free(blocks[i]);
            Bins.Show(TestHeap.Cache, limits);
            Assert.Equal(10u, Remote(blocks[0]));
            Assert.Equal(10u, BoxOf(Bytes)->Count);
            TestHeap.Verify();
        });
        Assert.Equal(20u, Remote(blocks[0]));
    });

    [Fact]
    public void TheirPageMayBecomeTheThreadsOwn()
    {
        byte*[] blocks = [];
        using ManualResetEvent ready = new(false), leave = new(false);
        TestThread freer = TestHeap.StartThread(() =>
        {
            CloseBins();
            ready.Set();
            leave.WaitOne();
            for (int i = 0; i < 10; i++) TestHeap.Free(blocks[i]);
            Assert.Equal(10u, BoxOf(Bytes)->Count);
            List<nint> own = [];
            while (TestHeap.PageOf(blocks[0])->Cache != TestHeap.Cache && own.Count < 100_000) own.Add((nint)TestHeap.Allocate(Bytes));
            Assert.True(TestHeap.PageOf(blocks[0])->Cache == TestHeap.Cache);
            for (int i = 10; i < 20; i++) TestHeap.Free(blocks[i]);
            TestHeap.Verify();
            foreach (nint block in own) TestHeap.Free((void*)block);
            TestHeap.Flush();
            TestHeap.Verify();
        });
        ready.WaitOne();
        TestHeap.OnThread(() => blocks = InOnePage(Bytes, 20));     // leaves its pages behind
        leave.Set();
        TestHeap.Join(freer);
        TestHeap.Verify();
    }

    [Fact]
    public void AForkedChildCountsThemAnew() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = InOnePage(Bytes, 20);
        TestHeap.OnThread(() =>
        {
            CloseBins();
            foreach (byte* block in blocks) TestHeap.Free(block);
            BoxOf(Bytes)->Count = 7;                                // copied between two lines
            Outbox.RecountAll(TestHeap.Cache);
            Assert.Equal(20u, BoxOf(Bytes)->Count);
            BoxOf(Large)->Page = TestHeap.PageOf(blocks[0]);
            Outbox.RecountAll(TestHeap.Cache);
            Assert.True(BoxOf(Large)->Page == null);
            TestHeap.Verify();
        });
    });
}
