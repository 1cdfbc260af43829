using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.Intrinsics;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class NativePoolTests : IDisposable
{
    readonly ulong _liveBefore = TestHeap.Snapshot().LiveCount;

    struct Node
    {
        public long Key;
        public long Check;
    }

    struct Big
    {
        public fixed byte Bytes[100_000];
    }

    public void Dispose() => Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);

    [Fact]
    public void LiveBlocksAreDistinctAndKeepTheirValues()
    {
        const int Count = 20_000;
        using NativePool<Node> pool = new();
        HashSet<nint> blocks = [];
        for (int i = 0; i < Count; i++) Assert.True(blocks.Add((nint)pool.New(new Node { Key = i, Check = ~i })));
        Assert.Equal(Count, pool.LiveCount);
        foreach (nint block in blocks) Assert.Equal(~((Node*)block)->Key, ((Node*)block)->Check);
        foreach (nint block in blocks) pool.Delete((Node*)block);
        pool.Delete(null);
        Assert.Equal(0, pool.LiveCount);
        for (int i = 0; i < Count; i++) Assert.Contains((nint)pool.New(), blocks);
    }

    [Fact]
    public void BlocksOfEverySizeAreAlignedForTheirType()
    {
        using NativePool<byte> bytes = new();
        using NativePool<Vector512<int>> vectors = new();
        using NativePool<Big> bigs = new();
        byte* first = bytes.New(1), second = bytes.New(2);
        Assert.Equal((1, 2), (*first, *second));
        for (int i = 0; i < 2000; i++) Assert.Equal((nuint)0, (nuint)vectors.New() % 64);
        for (int i = 0; i < 20; i++)
        {
            Big* big = bigs.New();
            TestHeap.Fill(big->Bytes, 100_000, 1);
        }
    }

    [Fact]
    public void WhenThePoolGoesSoDoesEverything()
    {
        NativePool<Node> pool = new();
        for (int i = 0; i < 10_000; i++) pool.New();
        pool.Dispose();
        Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);
    }

    // Goal: what a thread has kept for itself is not lost with it. Method: threads that free everything come and go; if each took its
    // free blocks along, the pool would grow with every one of them.
    [Fact]
    public void TheFreeBlocksOfAThreadComeBackWhenItEnds()
    {
        using NativePool<Node> pool = new();
        HashSet<nint> blocks = [];
        for (int round = 0; round < 100; round++)
        {
            TestHeap.OnThread(() =>
            {
                Node*[] mine = new Node*[32];
                for (int i = 0; i < mine.Length; i++) mine[i] = pool.New();
                lock (blocks) foreach (Node* node in mine) blocks.Add((nint)node);
                foreach (Node* node in mine) pool.Delete(node);
            });
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, pool.LiveCount);
        Assert.InRange(blocks.Count, 32, 32 * 20);          // not 3200
    }

    // Goal: blocks that a thread keeps of a pool that is gone never appear in a later one, which may get its number. Method: each
    // thread fills its magazine of many pools in turn; a block of a pool that is gone would not be counted right.
    [Fact]
    public void APoolStartsEmptyWhateverThreadsKeptOfEarlierOnes()
    {
        for (int round = 0; round < 50; round++)
        {
            NativePool<Node>[] pools = [new(), new(), new()];
            foreach (NativePool<Node> pool in pools)
            {
                Node* first = pool.New(new Node { Key = 1 }), second = null;
                TestHeap.OnThread(() => second = pool.New(new Node { Key = 2 }));
                Assert.Equal((1, 2, 2), (first->Key, second->Key, pool.LiveCount));
                pool.Delete(second);
                TestHeap.OnThread(() => pool.Delete(first));
                Assert.Equal(0, pool.LiveCount);
            }
            foreach (NativePool<Node> pool in pools) pool.Dispose();
        }
    }

    [Fact]
    public void ADisposedPoolSaysSo()
    {
        NativePool<Node> pool = new();
        Node* block = pool.New();
        pool.Dispose();
        pool.Dispose();
        Assert.Equal(0, pool.LiveCount);
        Assert.Throws<ObjectDisposedException>(() => { pool.New(); });
        Assert.Throws<ObjectDisposedException>(() => pool.Delete(block));
    }

    // Goal: no block is given to two threads. Method: who gets one writes itself in, hands it on, and whoever frees it
    // finds what was written.
    [Fact]
    public void ThreadsShareAPool()
    {
        const int Threads = 4, Rounds = 100_000;
        using NativePool<Node> pool = new();
        ConcurrentQueue<nint> exchange = new();
        TestThread[] threads = new TestThread[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int mine = i;
            threads[i] = TestHeap.StartThread(() =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    long key = (long)mine << 32 | (uint)round;
                    exchange.Enqueue((nint)pool.New(new Node { Key = key, Check = ~key }));
                    if ((round & 63) > 30 && exchange.TryDequeue(out nint other)) Free((Node*)other);
                }
            });
        }
        TestHeap.Join(threads);
        while (exchange.TryDequeue(out nint block)) Free((Node*)block);
        Assert.Equal(0, pool.LiveCount);

        void Free(Node* node)
        {
            Assert.Equal(~node->Key, node->Check);
            node->Check = node->Key;
            pool.Delete(node);
        }
    }
}
