using System.Collections.Generic;
using System.Numerics;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SliceStockTests
{
    const int Bytes = 200;
    const ulong Slice = Segment.SliceBytes;
    const ulong OthersPages = 32 * Slice;      // that a thread may take over from threads of other tests, and end

    static byte*[] SomeBlocks(int count)
    {
        byte*[] blocks = new byte*[count];
        for (int i = 0; i < count; i++) blocks[i] = TestHeap.Allocate(Bytes);
        return blocks;
    }

    static void FreeAll(byte*[] blocks)
    {
        foreach (byte* block in blocks) TestHeap.Free(block);
        TestHeap.Verify();
    }

    // Allocates until the thread has slices in reserve.
    static byte*[] BlocksUntilStocked()
    {
        List<nint> blocks = [];
        while (TestHeap.Cache->StockCount == 0) blocks.Add((nint)TestHeap.Allocate(Bytes));
        byte*[] result = new byte*[blocks.Count];
        for (int i = 0; i < result.Length; i++) result[i] = (byte*)blocks[i];
        return result;
    }

    static void Begin()
    {
        TestHeap.Free(TestHeap.Allocate(Bytes));
        TestHeap.Flush();
    }

    [Fact]
    public void AThreadThatMakesPageAfterPageTakesMoreAheadEachTime() => TestHeap.OnThread(() =>
    {
        Begin();
        ThreadCache* cache = TestHeap.Cache;
        uint most = 0;
        for (int i = 0; i < 5000; i++)
        {
            uint ahead = cache->StockAhead;
            TestHeap.Allocate(Bytes);
            if (cache->StockAhead != ahead) Assert.Equal(ahead >= 8 ? 15u : 2 * ahead + 1, cache->StockAhead);
            if (cache->StockCount > most) most = cache->StockCount;
        }
        Assert.InRange(most, 1u, (uint)SliceStock.MaxCount);
        TestHeap.Verify();
    });

    [Fact]
    public void ThePagesMadeNextTakeFromItAndNothingMoreOfTheArenas() => TestHeap.OnThread(() =>
    {
        Begin();
        ThreadCache* cache = TestHeap.Cache;
        byte*[] blocks = BlocksUntilStocked();
        uint stocked = cache->StockCount;
        Assert.NotEqual(0u, stocked);
        nuint committed = TestHeap.Root->CommittedBytes;
        for (Page* page = TestHeap.PageOf(blocks[^1]); stocked > 0; stocked--)
        {
            byte* block;
            do block = TestHeap.Allocate(Bytes); while (TestHeap.PageOf(block) == page);
            page = TestHeap.PageOf(block);
            Assert.Equal(stocked - 1, cache->StockCount);
            Assert.Equal(committed, TestHeap.Root->CommittedBytes);
        }
        TestHeap.Verify();
    });

    [Fact]
    public void NoMoreThanAFewSlicesOfEmptyPagesStay() => TestHeap.OnThread(() =>
    {
        Begin();
        ThreadCache* cache = TestHeap.Cache;
        ulong before = TestHeap.Snapshot().CommittedBytes;
        byte*[] blocks = SomeBlocks(20_000);
        FreeAll(blocks);
        Assert.InRange(cache->StockCount, 0u, (uint)SliceStock.MaxCount);
        Assert.InRange(TestHeap.Snapshot().CommittedBytes, 0ul, before + SliceStock.MaxCount * Slice + OthersPages);
        TestHeap.Flush();
        Assert.Equal(0u, cache->StockCount);
        Assert.InRange(TestHeap.Snapshot().CommittedBytes, 0ul, before + OthersPages);
        TestHeap.Verify();
    });

    [Fact]
    public void WhatItHoldsIsCountedAndOfASegmentsUsedSlices() => TestHeap.OnThread(() =>
    {
        Begin();
        byte*[] blocks = BlocksUntilStocked();
        ThreadCache* cache = TestHeap.Cache;
        uint counted = 0;
        for (int i = 0; i < TestHeap.Root->ArenaCount; i++)
        {
            Arena* arena = *HeapRoot.ArenaAt(TestHeap.Root, i);
            for (int index = 0; index < arena->SegmentCount; index++)
            {
                ulong slices = 0;
                for (int entry = 0; entry < SliceStock.Entries; entry++)
                    if (ThreadCache.Stock(cache, entry)->Segment == Arena.SegmentAt(arena, index)) slices |= ThreadCache.Stock(cache, entry)->Slices;
                Assert.Equal(0ul, slices & ~Arena.State(arena, index)->Used);
                counted += (uint)BitOperations.PopCount(slices);
            }
        }
        Assert.Equal(cache->StockCount, counted);
        FreeAll(blocks);
    });

    [Fact]
    public void SlicesTakenAheadThatWereNeverUsedStayClean() => TestHeap.OnThread(() =>
    {
        Begin();
        TestHeap.Settle();
        long backed = TestHeap.Root->BackedBytes;
        byte*[] blocks = BlocksUntilStocked();
        Assert.InRange(TestHeap.Root->BackedBytes - backed, 0, blocks.Length * (long)Bytes * 5 / 4 + 2 * (long)Slice);
        TestHeap.Verify();
        FreeAll(blocks);
    });

    [Fact]
    public void ThePurgerTakesIt() => TestHeap.OnThread(() =>
    {
        Begin();
        nint cache = 0;
        using System.Threading.ManualResetEvent freed = new(false), leave = new(false);
        TestThread sleeper = TestHeap.StartThread(() =>
        {
            byte*[] blocks = BlocksUntilStocked();
            cache = (nint)TestHeap.Cache;
            freed.Set();
            leave.WaitOne();
            foreach (byte* block in blocks) TestHeap.Free(block);
        });
        freed.WaitOne();
        sleeper.WaitUntilAsleep();
        Assert.NotEqual(0u, ((ThreadCache*)cache)->StockCount);
        TestHeap.Visit();
        TestHeap.Visit();
        Assert.Equal(0u, ((ThreadCache*)cache)->StockCount);
        TestHeap.Verify();
        leave.Set();
        TestHeap.Join(sleeper);
        TestHeap.Verify();
    });

    // Goal: two threads that fill and empty in turn keep their memory apart. Method: a fresh heap, in which lower slices are free too.
    [Fact]
    public void AThreadTakesWhatItGaveBackBeforeWhatIsLower() => ChildProcess.Passes(FillTwice, ("LAMPYRIS_PURGE", "0"));

    static int FillTwice()
    {
        const int LowBlocks = 12, LowBytes = 512 * Units.KiB, Blocks = 20_000;      // the low ones could hold all others

        byte** low = stackalloc byte*[LowBlocks];
        for (int i = 0; i < LowBlocks; i++) TestHeap.Fill(low[i] = TestHeap.Allocate(LowBytes), LowBytes, 1);
        byte*[] blocks = SomeBlocks(Blocks);
        HashSet<nint> pages = [];
        foreach (byte* block in blocks) pages.Add((nint)TestHeap.PageOf(block));
        for (int i = 0; i < LowBlocks; i++) TestHeap.Free(low[i]);
        foreach (byte* block in blocks) TestHeap.Free(block);
        HashSet<nint> again = [];
        foreach (byte* block in SomeBlocks(Blocks)) again.Add((nint)TestHeap.PageOf(block));
        if (HeapCheck.Verify() != 0) return 1;
        int count = again.Count;
        again.ExceptWith(pages);
        return again.Count <= count / 20 ? 0 : 2;
    }

    [Fact]
    public void WhatOthersHaveTakenMeanwhileStaysTheirs() => TestHeap.OnThread(() =>
    {
        Begin();
        FreeAll(SomeBlocks(20_000));
        using System.Threading.ManualResetEvent taken = new(false), leave = new(false);
        TestThread other = TestHeap.StartThread(() =>
        {
            byte*[] theirs = SomeBlocks(40_000);
            foreach (byte* block in theirs) TestHeap.Fill(block, Bytes, 0x11);
            taken.Set();
            leave.WaitOne();
            foreach (byte* block in theirs)
            {
                Assert.True(TestHeap.IsFilled(block, Bytes, 0x11));
                TestHeap.Free(block);
            }
        });
        taken.WaitOne();
        byte*[] blocks = SomeBlocks(20_000);
        foreach (byte* block in blocks) TestHeap.Fill(block, Bytes, 0x22);
        TestHeap.Verify();
        leave.Set();
        TestHeap.Join(other);
        foreach (byte* block in blocks) Assert.True(TestHeap.IsFilled(block, Bytes, 0x22));
        FreeAll(blocks);
    });

    [Fact]
    public void WhatHasBeenPurgedMeanwhileIsNotPreferred() => TestHeap.OnThread(() =>
    {
        Begin();
        FreeAll(SomeBlocks(20_000));
        TestHeap.Flush();
        TestHeap.Settle();
        long backed = TestHeap.Root->BackedBytes;
        byte*[] blocks = SomeBlocks(20_000);
        Assert.True(TestHeap.Root->BackedBytes > backed, "no memory was taken from the system");
        FreeAll(blocks);            // which also compares `BackedBytes` with a count
    });
}
