using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SeizureTests
{
    const int BlockBytes = 1024, Count = 2000;

    // Fills pages on a thread of its own and frees all but each 64th block there or here; then the thread waits as told.
    sealed class Owner : System.IDisposable
    {
        public readonly byte*[] Blocks = new byte*[Count];
        public readonly ManualResetEvent Ready = new(false), Leave = new(false);
        public volatile bool Spins;
        public readonly TestThread Thread;

        public Owner(bool freesItself, bool spins)
        {
            Spins = spins;
            Thread = TestHeap.StartThread(() =>
            {
                TestHeap.TakeEmptyCache();
                for (int i = 0; i < Count; i++)
                {
                    Blocks[i] = TestHeap.Allocate(BlockBytes);
                    TestHeap.Fill(Blocks[i], BlockBytes, (byte)i);
                }
                if (freesItself) FreeMost();
                Ready.Set();
                while (Spins) { }
                Leave.WaitOne();
                for (int i = 0; i < Count; i += 64)
                {
                    Assert.True(TestHeap.IsFilled(Blocks[i], BlockBytes, (byte)i));
                    TestHeap.Free(Blocks[i]);
                }
            });
            Ready.WaitOne();
            if (spins) System.Threading.Thread.Sleep(100);      // until it does
            else Thread.WaitUntilAsleep();
        }

        public void Dispose()
        {
            Ready.Dispose();
            Leave.Dispose();
        }

        public void FreeMost()
        {
            for (int i = 0; i < Count; i++)
                if (i % 64 != 0) TestHeap.Free(Blocks[i]);
        }

        // Of the pages of the blocks that live: each holds one OS page of four anyway.
        public nuint ResidentBytes()
        {
            nuint sum = 0;
            Page* last = null;
            for (int i = 0; i < Count; i += 64)
            {
                Page* page = TestHeap.PageOf(Blocks[i]);
                if (page != last) sum += Residency.Bytes(page->Start, (nuint)page->SliceCount * Segment.SliceBytes);
                last = page;
            }
            return sum;
        }
    }

    // The purger writes what it saw without a lock: by then the page may be gone, and a large block be in its place.
    [Fact]
    public void AStampThatComesLateLeavesALargeBlockAsItIs()
    {
        foreach (nuint bytes in (nuint[])[SizeClasses.MaxBytes + 1, 2 * Segment.Bytes, Heap.HugeMinBytes])
        {
            byte* block = TestHeap.Allocate(bytes);
            nuint usable = Heap.UsableBytes(block, TestHeap.Cache);
            TestHeap.PageOf(block)->Stamp = ulong.MaxValue;
            Assert.Equal(usable, Heap.UsableBytes(block, TestHeap.Cache));
            TestHeap.Verify();
            TestHeap.Free(block);
            TestHeap.Verify();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OsPagesOfASleepingThreadsPagesGoBack(bool freesItself)
    {
        TestHeap.Free(TestHeap.Allocate(16));
        using Owner owner = new(freesItself, spins: false);
        if (!freesItself) owner.FreeMost();
        TestHeap.Flush();
        nuint before = owner.ResidentBytes();
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        nuint after = owner.ResidentBytes();
        Assert.True(after * 4 <= before, $"{before} bytes before, {after} after");
        TestHeap.Verify();
        owner.Leave.Set();
        TestHeap.Join(owner.Thread);
        TestHeap.Verify();
    }

    [Fact]
    public void PagesOfARunningThreadAreLeftAlone()
    {
        using Owner owner = new(freesItself: true, spins: true);
        nuint before = owner.ResidentBytes();
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.Equal(before, owner.ResidentBytes());
        owner.Spins = false;
        owner.Leave.Set();
        TestHeap.Join(owner.Thread);
        TestHeap.Verify();
    }

    [Fact]
    public void PagesThatARunningThreadWasToldOfWaitForIt()
    {
        using Owner owner = new(freesItself: false, spins: true);
        owner.FreeMost();
        TestHeap.Flush();
        ThreadCache* cache = TestHeap.PageOf(owner.Blocks[0])->Cache;
        int told = ReadyCount(cache);
        Assert.NotEqual(0, told);
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.Equal(told, ReadyCount(cache));
        owner.Spins = false;
        owner.Thread.WaitUntilAsleep();
        TestHeap.Visit();
        Assert.Equal(0, ReadyCount(cache));
        TestHeap.Verify();
        owner.Leave.Set();
        TestHeap.Join(owner.Thread);
        TestHeap.Verify();
    }

    // Others free into the pages of a cache that a fork has left half changed, too: the purger has to leave it, and not to come again for it.
    [Fact]
    public void ALostCacheKeepsWhatItWasToldOfAndNoPurgerAwake()
    {
        using Owner owner = new(freesItself: false, spins: false);
        owner.FreeMost();
        TestHeap.Flush();
        ThreadCache* cache = TestHeap.PageOf(owner.Blocks[0])->Cache;
        int told = ReadyCount(cache);
        Assert.NotEqual(0, told);
        Purger.EnterPurge(TestHeap.Root);
        TestHeap.Root->PurgerVisit++;
        cache->State = CacheState.Lost;
        bool again = ReadySeizure.Visit(TestHeap.Root, cache);
        cache->State = CacheState.Live;
        Purger.ExitPurge(TestHeap.Root);
        Assert.False(again);
        Assert.Equal(told, ReadyCount(cache));
        owner.Leave.Set();
        TestHeap.Join(owner.Thread);
        TestHeap.Verify();
    }

    static int ReadyCount(ThreadCache* cache)
    {
        int count = 0;
        for (Page* page = (Page*)cache->Ready; page != null; page = page->NextReady) count++;
        return count;
    }

    // Goal: what others free while the purger has a page hidden is not lost. Method: two threads pass blocks to a third
    // that frees them, while this one visits all the time; in the end nothing lives.
    [Fact]
    public void BlocksFreedByOthersDuringVisitsAreNotLost()
    {
        ulong liveBefore = TestHeap.Snapshot().LiveCount;
        nint[] shared = new nint[64];
        int done = 0;
        TestThread Maker(int seed) => TestHeap.StartThread(() =>
        {
            System.Random random = new(seed);
            for (int i = 0; i < 100_000; i++)
            {
                byte* block = TestHeap.Allocate((nuint)random.Next(1, 3000));
                TestHeap.Free((void*)Interlocked.Exchange(ref shared[random.Next(shared.Length)], (nint)block));
                if (i % 20_000 == 0) Thread.Sleep(5);
            }
            Interlocked.Increment(ref done);
        });
        TestThread[] threads = [Maker(1), Maker(2), Maker(3)];
        while (Volatile.Read(ref done) < 3) TestHeap.Visit();
        TestHeap.Join(threads);
        foreach (nint block in shared) TestHeap.Free((void*)block);
        TestHeap.Verify();
        Assert.Equal(liveBefore, TestHeap.Snapshot().LiveCount);
    }

    // The owner has been told of them: that takes no second visit that finds them unchanged.
    [Fact]
    public void EmptyPagesOfASleepingThreadServeOthersAfterOneVisit()
    {
        using Owner owner = new(freesItself: false, spins: false);
        ulong full = TestHeap.Snapshot().CommittedBytes;
        // All but the blocks of the first 64: whole pages fall empty, from here.
        for (int i = 128; i < Count; i++)
            if (i % 64 != 0) TestHeap.Free(owner.Blocks[i]);
        for (int i = 128; i < Count; i += 64)
        {
            TestHeap.Free(owner.Blocks[i]);
            owner.Blocks[i] = null;
        }
        TestHeap.Flush();
        TestHeap.Visit();
        Assert.True(full - TestHeap.Snapshot().CommittedBytes > (Count - 256) * BlockBytes);
        TestHeap.Verify();
        for (int i = 128; i < Count; i += 64)
        {
            owner.Blocks[i] = TestHeap.Allocate(BlockBytes);
            TestHeap.Fill(owner.Blocks[i], BlockBytes, (byte)i);
        }
        owner.Leave.Set();
        TestHeap.Join(owner.Thread);
        for (int i = 1; i < 128; i++)
            if (i % 64 != 0) TestHeap.Free(owner.Blocks[i]);
        TestHeap.Verify();
    }
}
