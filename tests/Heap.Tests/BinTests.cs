using System.Collections.Generic;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class BinTests
{
    const int Bytes = 720, Limit = 11;         // a class that nothing else here uses, and what its bin takes

    static Bin* BinOf(nuint bytes) => Bins.At(TestHeap.Cache, SizeClasses.Of(bytes));

    static byte*[] SomeBlocks(int count, nuint bytes = Bytes)
    {
        byte*[] blocks = new byte*[count];
        for (int i = 0; i < count; i++) blocks[i] = TestHeap.Allocate(bytes);
        return blocks;
    }

    static void FreeAll(byte*[] blocks)
    {
        foreach (byte* block in blocks) TestHeap.Free(block);
    }

    // Empty, and with no more room than when it was made.
    static void Begin()
    {
        TestHeap.Free(TestHeap.Allocate(Bytes));
        TestHeap.Flush();
        BinOf(Bytes)->Limit = Limit;
    }

    [Fact]
    public void TheBlockFreedLastIsGivenOutNext() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = SomeBlocks(5);
        FreeAll(blocks);
        for (int i = 4; i >= 0; i--) Assert.True(TestHeap.Allocate(Bytes) == blocks[i]);
        FreeAll(blocks);
        TestHeap.Verify();
    });

    [Fact]
    public void AnotherThreadsBlocksTooAndTheirPageIsNotTouched() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = SomeBlocks(5);
        TestHeap.OnThread(() =>
        {
            Begin();
            ulong remote = TestHeap.PageOf(blocks[0])->Remote;
            FreeAll(blocks);
            Assert.Equal(remote, TestHeap.PageOf(blocks[0])->Remote);
            for (int i = 4; i >= 0; i--) Assert.True(TestHeap.Allocate(Bytes) == blocks[i]);
        });
        FreeAll(blocks);
        TestHeap.Verify();
    });

    // Free goes by the bin that malloc took from last, if it gets the block that came from there.
    [Theory]
    [InlineData(Bytes, 400, 1)]
    [InlineData(400, Bytes, 1)]
    [InlineData(Bytes, 2000, 1)]                        // not one of those that `Direct` names
    [InlineData(Bytes, Bytes, 2)]
    [InlineData(Bytes, SizeClasses.MaxBytes + 1, 1)]    // has no bin
    public void ABlockGoesToTheBinOfItsSizeWhicheverServedLast(int freed, int last, int more) => TestHeap.OnThread(() =>
    {
        byte* block = TestHeap.Allocate((nuint)freed), other = TestHeap.Allocate((nuint)last);
        uint before = BinOf((nuint)freed)->Count;
        TestHeap.Free(block);
        Assert.Equal(before + 1, BinOf((nuint)freed)->Count);
        TestHeap.Free(other);
        Assert.Equal(before + (uint)more, BinOf((nuint)freed)->Count);
        TestHeap.Verify();
    });

    // The block that malloc gave out last comes back as a block of another class: others freed it, its page went and came again.
    [Fact]
    public void ABlockGoesToTheBinOfItsPageThoughItWasGivenOutLastByAnother() => TestHeap.OnThread(() =>
    {
        byte* block = TestHeap.Allocate(Bytes);
        TestHeap.Free(block);
        byte* other = TestHeap.Allocate(400);
        *ThreadCache.LastBlock(TestHeap.Cache) = (Block*)other;
        *ThreadCache.LastBin(TestHeap.Cache) = BinOf(Bytes);
        uint before = BinOf(Bytes)->Count;
        TestHeap.Free(other);
        Assert.Equal(before, BinOf(Bytes)->Count);
        Assert.True(TestHeap.Allocate(400) == other);
        TestHeap.Free(other);
        TestHeap.Verify();
    });

    [Fact]
    public void ItTakesNoMoreThanItsLimit() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = SomeBlocks(Limit + 3);
        Begin();
        Page* page = TestHeap.PageOf(blocks[Limit]);
        FreeAll(blocks);
        Assert.Equal((uint)Limit, BinOf(Bytes)->Count);
        Assert.True(page->Free == (Block*)blocks[Limit + 2]);
        TestHeap.Verify();
    });

    // The whole list of a page, however long, goes into the bin in one step.
    [Fact]
    public void ABinFilledWithMoreTakesAsMuch() => TestHeap.OnThread(() =>
    {
        List<nint> blocks = [];
        byte* first = TestHeap.Allocate(16);
        uint count = BinOf(16)->Count + 1;
        Assert.True(count > 32);
        for (uint i = 1; i < count; i++) blocks.Add((nint)TestHeap.Allocate(16));
        Assert.Equal(0u, BinOf(16)->Count);
        TestHeap.Free(first);
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        Assert.Equal(count, BinOf(16)->Count);
        TestHeap.Verify();
    });

    [Fact]
    public void ABulkOfFreesClosesItAndKeepsNoPages() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = SomeBlocks(2000);
        Begin();
        FreeAll(blocks);
        Assert.Equal(0u, BinOf(Bytes)->Count);
        Assert.Equal(0u, BinOf(Bytes)->Limit);
        TestHeap.Verify();
        TestHeap.Free(TestHeap.Allocate(Bytes));
        Assert.NotEqual(0u, BinOf(Bytes)->Limit);
        TestHeap.Verify();
    });

    [Fact]
    public void AnAllocationInBetweenMeansThatItIsNoBulk() => TestHeap.OnThread(() =>
    {
        byte*[] blocks = SomeBlocks(500);
        Begin();
        for (int i = 0; i < blocks.Length; i++)
        {
            TestHeap.Free(blocks[i]);
            if (i % 20 == 0) blocks[i] = TestHeap.Allocate(Bytes);
        }
        Assert.InRange(BinOf(Bytes)->Count, Limit - 1u, (uint)Limit);
        for (int i = 0; i < blocks.Length; i += 20) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    });

    [Fact]
    public void ABinThatNobodyUsesAgesOut() => TestHeap.OnThread(() =>
    {
        FreeAll(SomeBlocks(5));
        ThreadCache* cache = TestHeap.Cache;
        LookAtAll(cache);
        Assert.NotEqual(0u, BinOf(Bytes)->Count);
        LookAtAll(cache);
        Assert.Equal(0u, BinOf(Bytes)->Count);
        TestHeap.Verify();
    });

    [Fact]
    public void BlocksInBinsAreNotLive() => TestHeap.OnThread(() =>
    {
        ulong before = TestHeap.Snapshot().LiveCount;
        byte*[] blocks = SomeBlocks(5);
        Assert.Equal(before + 5, TestHeap.Snapshot().LiveCount);
        FreeAll(blocks);
        Assert.NotEqual(0u, BinOf(Bytes)->Count);
        Assert.Equal(before, TestHeap.Snapshot().LiveCount);
    });

    [Fact]
    public void TrimEmptiesTheCallersBins() => TestHeap.OnThread(() =>
    {
        FreeAll(SomeBlocks(5));
        Heap.Trim(TestHeap.Cache);
        Assert.Equal(0u, BinOf(Bytes)->Count);
        TestHeap.Verify();
    });

    static void LookAtAll(ThreadCache* cache)
    {
        cache->Lock.Enter();
        for (int i = 0; i < Bins.AgeRound; i++) Bins.Age(TestHeap.Root, cache);
        cache->Lock.Exit();
    }

    // A few ended threads leave their bins filled, for the next threads; no more of them do.
    [Fact]
    public void BinsOfManyEndedThreadsAreEmpty()
    {
        const int Threads = 12;
        nint[] caches = new nint[Threads];
        using Barrier together = new(Threads);
        TestThread[] threads = new TestThread[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int number = i;
            threads[i] = TestHeap.StartThread(() =>
            {
                FreeAll(SomeBlocks(5));
                caches[number] = (nint)TestHeap.Cache;
                together.SignalAndWait();
                if (number != 0) threads[number - 1].Join();        // those that end at once do not see each other
            });
        }
        TestHeap.Join(threads);
        int filled = 0;
        foreach (nint cache in caches)
            if (Bins.At((ThreadCache*)cache, SizeClasses.Of(Bytes))->Count != 0) filled++;
        Assert.InRange(filled, 0, 8);
        TestHeap.Verify();
    }

    [Fact]
    public void ThePurgerEmptiesTheBinsOfASleepingThreadWhichGoesOn()
    {
        using ManualResetEvent ready = new(false), leave = new(false);
        nint cache = 0;
        TestThread sleeper = TestHeap.StartThread(() =>
        {
            byte*[] blocks = SomeBlocks(5);
            FreeAll(blocks);
            cache = (nint)TestHeap.Cache;
            ready.Set();
            leave.WaitOne();
            byte*[] again = SomeBlocks(200);
            FreeAll(again);
            FreeAll(SomeBlocks(3, 3000));
        });
        ready.WaitOne();
        sleeper.WaitUntilAsleep();
        Bin* bin = Bins.At((ThreadCache*)cache, SizeClasses.Of(Bytes));
        TestHeap.Visit();
        Assert.NotEqual(0u, bin->Count);                    // not idle for a whole visit yet
        TestHeap.Visit();
        Assert.Equal(0u, bin->Count);
        Assert.NotEqual(0u, bin->Limit);
        TestHeap.Verify();
        leave.Set();
        TestHeap.Join(sleeper);
        TestHeap.Verify();
    }

    [Fact]
    public void TheBinsOfARunningThreadAreLeftAlone()
    {
        using ManualResetEvent ready = new(false);
        bool spins = true;
        nint cache = 0;
        TestThread runner = TestHeap.StartThread(() =>
        {
            FreeAll(SomeBlocks(5));
            cache = (nint)TestHeap.Cache;
            ready.Set();
            while (Volatile.Read(ref spins)) { }
            byte*[] blocks = SomeBlocks(5);
            FreeAll(blocks);
        });
        ready.WaitOne();
        Bin* bin = Bins.At((ThreadCache*)cache, SizeClasses.Of(Bytes));
        uint count = bin->Count, limit = bin->Limit;
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.Equal((count, limit), (bin->Count, bin->Limit));
        Volatile.Write(ref spins, false);
        TestHeap.Join(runner);
        TestHeap.Verify();
    }
}
