using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class NativeHeapTests : IDisposable
{
    public void Dispose() => TestHeap.Verify();

    [Fact]
    public void AHandleGivesAThreadItsCache() => TestHeap.OnThread(() =>
    {
        Assert.True(Host.ThreadCache() == null);
        NativeHeap heap = NativeHeap.ForThisThread();
        Assert.True(Host.ThreadCache() != null);
        void* block = heap.Allocate(50);
        heap.Free(block);
        Assert.True(Bins.At((ThreadCache*)Host.ThreadCache(), SizeClasses.Of(50))->Free == block);
    });

    [Fact]
    public void BlocksPassFreelyBetweenTheHandleAndTheGlobalAllocator()
    {
        NativeHeap heap = NativeHeap.ForThisThread();
        ulong before = TestHeap.Snapshot().LiveCount;
        for (int i = 0; i < 1000; i++)
        {
            GlobalAllocator.Deallocate(heap.Allocate((nuint)i * 100));
            heap.Free(GlobalAllocator.Allocate((nuint)i * 100));
        }
        Assert.Equal(before, TestHeap.Snapshot().LiveCount);
    }

    [Fact]
    public void AThreadWithoutACacheMayFreeAndStaysWithoutOne()
    {
        // Of a page into which no other thread has freed: one that fills a page's list so far that its owner is told gets a cache for it.
        List<nint> others = [];
        void* small = GlobalAllocator.Allocate(30);
        for (; RemoteList.Count(Segment.PageOf(small)->Remote) != 0; small = GlobalAllocator.Allocate(30)) others.Add((nint)small);
        void* large = GlobalAllocator.Allocate(300_000), huge = GlobalAllocator.Allocate(50_000_000);
        ulong before = TestHeap.Snapshot().LiveCount;
        TestHeap.OnThread(() =>
        {
            GlobalAllocator.Deallocate(small);
            GlobalAllocator.Deallocate(large);
            GlobalAllocator.Deallocate(huge);
            GlobalAllocator.Deallocate(null);
            Assert.True(Host.ThreadCache() == null);
        });
        Assert.Equal(before - 3, TestHeap.Snapshot().LiveCount);
        foreach (nint block in others) GlobalAllocator.Deallocate((void*)block);
    }

    [Fact]
    public void AnAlignmentThatIsNoPowerOfTwoIsRefused()
    {
        Assert.Throws<ArgumentException>(() => { GlobalAllocator.AllocateAligned(48, 10); });
        Assert.Throws<ArgumentException>(() => { NativeHeap.ForThisThread().AllocateAligned(0, 10); });
    }

    // Goal: no block is lost or given out twice while threads hand blocks to each other and end, and the runtime stops
    // them for collections wherever they are. Method: each block says who holds it; at the end, all are freed.
    [Fact]
    public void ThreadsExchangeBlocksUnderGarbageCollections()
    {
        const int Threads = 4, Rounds = 60_000;
        using CancellationTokenSource done = new();
        ulong before = TestHeap.Snapshot().LiveCount;
        ConcurrentQueue<nint> exchange = new();
        TestThread collector = TestHeap.StartThread(() =>
        {
            while (!done.IsCancellationRequested) GC.Collect(0);
        });
        TestThread[] threads = new TestThread[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int seed = i;
            threads[i] = TestHeap.StartThread(() =>
            {
                Random random = new(seed);
                for (int round = 0; round < Rounds; round++)
                {
                    nuint bytes = (nuint)random.Next(16, random.Next(100) == 0 ? 100_000 : 600);
                    byte* block = (byte*)GlobalAllocator.Allocate(bytes);
                    *(nuint*)block = bytes;
                    *(nuint*)(block + bytes - 8) = ~bytes | 1;
                    if (bytes >= 16) exchange.Enqueue((nint)block);
                    if (exchange.Count > 500 && exchange.TryDequeue(out nint other)) Check((byte*)other);
                }
            });
        }
        TestHeap.Join(threads);
        done.Cancel();
        TestHeap.Join(collector);
        while (exchange.TryDequeue(out nint block)) Check((byte*)block);
        Assert.Equal(before, TestHeap.Snapshot().LiveCount);

        static void Check(byte* block)
        {
            nuint bytes = *(nuint*)block;
            Assert.True(GlobalAllocator.UsableSize(block) >= bytes && *(nuint*)(block + bytes - 8) == (~bytes | 1), "a block has changed");
            GlobalAllocator.Deallocate(block);
        }
    }
}
