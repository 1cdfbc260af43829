using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class AbandonmentTests
{
    [Fact]
    public void TheNextThreadTakesTheCacheThatWasLeftLast()
    {
        nint outer = 0, inner = 0, next = 0, block = 0;
        TestHeap.OnThread(() =>
        {
            block = (nint)TestHeap.Allocate(48);
            outer = (nint)TestHeap.Cache;
            TestHeap.OnThread(() =>
            {
                TestHeap.Free(TestHeap.Allocate(48));
                inner = (nint)TestHeap.Cache;
            });
        });
        Assert.NotEqual(outer, inner);
        Assert.Equal(CacheState.Abandoned, ((ThreadCache*)outer)->State);
        TestHeap.OnThread(() =>
        {
            TestHeap.Free(TestHeap.Allocate(48));
            next = (nint)TestHeap.Cache;
        });
        Assert.Equal(outer, next);
        TestHeap.Free((void*)block);
        TestHeap.Verify();
    }

    [Fact]
    public void AThreadThatNeedsAPageTakesOneFromAnEndedThread()
    {
        const int Bytes = 2048;                       // a class that no other test keeps pages of
        const int MaxBlocks = 50_000;                 // each new page looks at a few ended threads, and tests leave many

        nint kept = 0, cacheBefore = 0, cacheAfter = 0;
        // This thread has a cache of its own before the other one leaves its: so it adopts pages, and not the cache.
        TestHeap.Free(TestHeap.Allocate(16));
        TestHeap.OnThread(() =>
        {
            kept = (nint)TestHeap.Allocate(Bytes);
            cacheBefore = (nint)TestHeap.Cache;
        });
        System.Collections.Generic.List<nint> blocks = [];
        do
        {
            blocks.Add((nint)TestHeap.Allocate(Bytes));
            cacheAfter = (nint)TestHeap.PageOf((void*)kept)->Cache;
        }
        while (cacheAfter == cacheBefore && blocks.Count < MaxBlocks);
        Assert.NotEqual(cacheBefore, cacheAfter);
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        TestHeap.Free((void*)kept);
        TestHeap.Verify();
    }

    [Fact]
    public void PagesOfSeveralEndedThreadsAreAdoptedInTurn()
    {
        const int Bytes = 2560, Ended = 6, MaxBlocks = 50_000;

        nint[] kept = new nint[Ended];
        TestHeap.Free(TestHeap.Allocate(16));
        using (Barrier together = new(Ended))           // one after the other, all would have the same cache
        {
            TestThread[] threads = new TestThread[Ended];
            for (int i = 0; i < Ended; i++)
            {
                int number = i;
                threads[i] = TestHeap.StartThread(() =>
                {
                    kept[number] = (nint)TestHeap.Allocate(Bytes);
                    together.SignalAndWait();
                });
            }
            foreach (TestThread thread in threads) TestHeap.Join(thread);
        }
        System.Collections.Generic.List<nint> blocks = [];
        int adopted = 0;
        while (adopted < Ended && blocks.Count < MaxBlocks)
        {
            blocks.Add((nint)TestHeap.Allocate(Bytes));
            // A thread that starts in between takes one of the caches off the list.
            if (blocks.Count % 100 == 0) TestHeap.OnThread(() => TestHeap.Free(TestHeap.Allocate(16)));
            adopted = 0;
            for (int i = 0; i < Ended; i++)
                if (TestHeap.PageOf((void*)kept[i])->Cache == TestHeap.Cache) adopted++;
        }
        Assert.Equal(Ended, adopted);
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        foreach (nint block in kept) TestHeap.Free((void*)block);
        TestHeap.Verify();
    }

    [Fact]
    public void EmptyPagesOfAnEndedThreadGoBack()
    {
        TestHeap.Settle();
        ulong before = TestHeap.Snapshot().CommittedBytes;
        TestHeap.OnThread(() =>
        {
            for (int i = 1; i < 100; i++) TestHeap.Free(TestHeap.Allocate((nuint)i * 600));
        });
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.True(TestHeap.Snapshot().CommittedBytes <= before);
        TestHeap.Verify();
    }

    [Fact]
    public void BlocksOfAnEndedThreadAreFreedByOthersAndTheirPagesGoBack()
    {
        nint[] blocks = new nint[5000];
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < blocks.Length; i++) blocks[i] = (nint)TestHeap.Allocate(1000);
        });
        ulong full = TestHeap.Snapshot().CommittedBytes;
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.True(full - TestHeap.Snapshot().CommittedBytes > 5000 * 1000 * 9 / 10);
        TestHeap.Verify();
    }

    // A thread that has its cache from the runtime's hook only: nobody calls `TestHeap.EndThread`.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static ThreadCache* CacheOfAThreadThatEndsUnseen()
    {
        nint cache = 0;
        Thread thread = new(() =>
        {
            TestHeap.Allocate(16);
            cache = (nint)TestHeap.Cache;
        });
        thread.Start();
        thread.Join();
        return (ThreadCache*)cache;
    }

    [Fact]
    public void TheRuntimeTellsTheHeapThatAThreadHasEnded()
    {
        ThreadCache* cache = CacheOfAThreadThatEndsUnseen();
        for (int i = 0; i < 100 && cache->State == CacheState.Live; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }
        Assert.Equal(CacheState.Abandoned, cache->State);
        TestHeap.Verify();
    }

    [Fact]
    public void LateNewsOfAThreadsEndDoesNotTakeTheCacheFromTheNextThread()
    {
        ThreadCache* cache = TestHeap.Cache;
        if (cache->State == CacheState.Empty)
        {
            TestHeap.Free(TestHeap.Allocate(16));
            cache = TestHeap.Cache;
        }
        Host.ThreadEnded(cache, cache->Attachment - 1);         // by now another thread has it, perhaps with the same id of the kernel's
        Assert.Equal(CacheState.Live, cache->State);
        TestHeap.Verify();
    }
}
