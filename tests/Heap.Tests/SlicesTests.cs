using System.Collections.Generic;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SlicesTests
{
    static SliceRun Take(int count, int alignment = 1)
    {
        Assert.True(Slices.TryTake(TestHeap.Root, count, alignment, out SliceRun run));
        return run;
    }

    static void Return(in SliceRun run) => Slices.Return(TestHeap.Root, run.Segment, run.First, run.Count);

    [Fact]
    public void TheLowestFreeRunThatFitsIsTaken()
    {
        SliceRun a = Take(3), b = Take(3), c = Take(3);
        Return(a);
        Return(c);
        SliceRun again = Take(3);
        Assert.True(again.Start <= a.Start);
        Return(again);
        Return(b);
        TestHeap.Verify();
    }

    [Fact]
    public void ARunBeginsAtAMultipleOfItsAlignment()
    {
        List<SliceRun> runs = [];
        for (int alignment = 1; alignment <= 32; alignment *= 2)
            foreach (int count in (int[])[1, 5, 30])
            {
                SliceRun run = Take(count, alignment);
                Assert.Equal(0, run.First % alignment);
                Assert.True(run.First + run.Count <= Segment.SliceCount);
                runs.Add(run);
            }
        foreach (SliceRun run in runs) Return(run);
        TestHeap.Verify();
    }

    [Fact]
    public void ARunGrowsIntoFreeSlicesBehindItOnly()
    {
        SliceRun whole = Take(Slices.MaxInSegment);
        HeapRoot* root = TestHeap.Root;
        Slices.Return(root, whole.Segment, 11, Slices.MaxInSegment - 10);
        Assert.True(Slices.TryExtend(root, whole.Segment, 11, 5));
        Assert.False(Slices.TryExtend(root, whole.Segment, 15, 2));
        Assert.False(Slices.TryExtend(root, whole.Segment, 60, 5));
        Slices.Return(root, whole.Segment, 1, 15);
        TestHeap.Verify();
    }

    [Fact]
    public void FreshSlicesAreCleanAndUsedOnesAreNotUntilPurged()
    {
        TestHeap.Settle();
        SliceRun run = Take(4);
        byte* start = run.Start;
        start[0] = 1;
        Return(run);
        run = Take(4);
        Assert.True(run.Start == start);
        Assert.Equal(4, run.DirtyCount);
        Return(run);
        TestHeap.Visit(idleOnly: false);
        run = Take(4);
        Assert.True(run.Start == start && run.IsClean && start[0] == 0);
        Return(run);
        TestHeap.Verify();
    }

    [Fact]
    public void ALongRunEndsWithASegmentAndItsSegmentsComeBack()
    {
        HeapRoot* root = TestHeap.Root;
        foreach (int count in (int[])[64, 65, 100, 3 * Segment.SliceCount])
        {
            nuint before = root->CommittedBytes;
            Assert.True(Slices.TryTakeSegments(root, count, out SliceRun run));
            Assert.InRange(run.Count, count, count + 1);
            Assert.Equal((nuint)0, ((nuint)run.Start + (nuint)run.Count * Segment.SliceBytes) % Segment.Bytes);
            TestHeap.Fill(run.Start, (nuint)run.Count * Segment.SliceBytes, 0xEE);
            Assert.Equal(before + (nuint)run.Count * Segment.SliceBytes, root->CommittedBytes);
            Return(run);
            Assert.Equal(before, root->CommittedBytes);
        }
        // Their headers are good again.
        SliceRun[] again = new SliceRun[5];
        for (int i = 0; i < again.Length; i++) again[i] = Take(Slices.MaxInSegment);
        for (int i = 0; i < again.Length; i++) Return(again[i]);
        TestHeap.Verify();
    }

    // Goal: no slice is ever given to two at once, and none is lost. Method: four threads sign every slice they hold.
    [Fact]
    public void FourThreadsNeverHoldTheSameSlice()
    {
        TestHeap.Settle();                            // an unsigned slice reads as zero
        nuint committed = TestHeap.Root->CommittedBytes;
        TestThread[] threads = new TestThread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            int name = i + 1;
            threads[i] = TestHeap.StartThread(() => TakeSignAndReturn(name));
        }
        TestHeap.Join(threads);
        Assert.Equal(committed, TestHeap.Root->CommittedBytes);
        TestHeap.Verify();
    }

    static void TakeSignAndReturn(int name)
    {
        HeapRoot* root = TestHeap.Root;
        System.Random random = new(name);
        Queue<SliceRun> held = new();
        for (int i = 0; i < 20_000; i++)
        {
            SliceRun run;
            if (random.Next(50) == 0) Assert.True(Slices.TryTakeSegments(root, 64 + random.Next(80), out run));
            else Assert.True(Slices.TryTake(root, 1 + random.Next(20), 1 << random.Next(5), out run));
            for (int slice = 0; slice < run.Count; slice++)
                Assert.Equal(0, Interlocked.Exchange(ref *(int*)(run.Start + (nuint)slice * Segment.SliceBytes + 64), name));
            held.Enqueue(run);
            if (name == 1 && i % 500 == 0) SlicesPurged();
            while (held.Count > 20 || (i == 19_999 && held.Count > 0)) SignOffAndReturn(root, held.Dequeue(), name);
        }
    }

    static void SlicesPurged() => Purger.Visit(TestHeap.Root, idleOnly: true, canSeize: false);

    static void SignOffAndReturn(HeapRoot* root, SliceRun run, int name)
    {
        for (int slice = 0; slice < run.Count; slice++)
            Assert.Equal(name, Interlocked.Exchange(ref *(int*)(run.Start + (nuint)slice * Segment.SliceBytes + 64), 0));
        Slices.Return(root, run.Segment, run.First, run.Count);
    }
}
