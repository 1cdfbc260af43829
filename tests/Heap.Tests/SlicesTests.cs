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

    // All slices of a segment with three free ones behind it. What stands below is taken first.
    static SliceRun TakeInFrontOfFreeSegments(out List<SliceRun> below)
    {
        below = [];
        Assert.True(Slices.TryTakeSegments(TestHeap.Root, 5 * Segment.SliceCount, out SliceRun place));
        Arena* arena = Segment.ArenaOf(place.Segment, out int index);
        Return(place);
        SliceRun run = Take(Slices.MaxInSegment);
        for (; Segment.ArenaOf(run.Segment, out int at) != arena || at < index; run = Take(Slices.MaxInSegment)) below.Add(run);
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

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void AShortRunIsTakenWhereMemoryIsBackedBeforeWhereItIsLower(int count, bool backedFirst)
    {
        TestHeap.Settle();
        SliceRun low = Take(count), between = Take(count), high = Take(count);
        Return(low);
        TestHeap.Settle();              // has no memory behind it from now on
        Return(high);
        SliceRun again = Take(count);
        if (backedFirst) Assert.True(again.Start == high.Start && again.DirtyCount == count);
        else Assert.True(again.Start <= low.Start && again.IsClean);
        Return(again);
        Return(between);
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
        int first = whole.First;
        Slices.Return(root, whole.Segment, first + 10, Slices.MaxInSegment - 10);
        int count = 10;
        Assert.True(Slices.TryExtend(root, whole.Segment, first, 15, ref count) && count == 15);
        Slices.UseMore(root, whole.Segment, first + 10, 5);
        count = 5;
        Assert.False(Slices.TryExtend(root, whole.Segment, first + 4, 7, ref count));
        Assert.Equal(5, count);
        Slices.Return(root, whole.Segment, first, 15);
        TestHeap.Verify();
    }

    [Fact]
    public void ARunGrowsOverWholeSegmentsAndWhatItHasNotReachedIsNoMemory()
    {
        HeapRoot* root = TestHeap.Root;
        TestHeap.Settle();
        SliceRun run = TakeInFrontOfFreeSegments(out List<SliceRun> below);
        TestHeap.Settle();
        nuint committed = root->CommittedBytes - (nuint)run.Count * Segment.SliceBytes;
        long backed = root->BackedBytes - run.Count * (long)Segment.SliceBytes, retained = root->RetainedBytes;
        Slices.Return(root, run.Segment, run.First + 50, run.Count - 50);
        int first = run.First, count = 50;
        Assert.True(Slices.TryExtend(root, run.Segment, first, Segment.SliceCount + 10, ref count));
        Assert.InRange(first + count, first + Segment.SliceCount + 10, 3 * Segment.SliceCount);
        Assert.Equal(0, (first + count) % Segment.SliceCount);
        Assert.Equal(50u * Segment.SliceBytes, root->CommittedBytes - committed);

        Slices.UseMore(root, run.Segment, first + 50, Segment.SliceCount - 40);
        TestHeap.Fill(run.Start, (Segment.SliceCount + 10) * Segment.SliceBytes, 0xEE);
        Assert.Equal((Segment.SliceCount + 10u) * Segment.SliceBytes, root->CommittedBytes - committed);
        Assert.InRange(root->BackedBytes - backed, (Segment.SliceCount + 9) * (long)Segment.SliceBytes, (Segment.SliceCount + 10) * (long)Segment.SliceBytes);
        byte* room = run.Start + (Segment.SliceCount + 10) * Segment.SliceBytes;
        Assert.Equal((nuint)0, Residency.Bytes(room, (nuint)(count - Segment.SliceCount - 10) * Segment.SliceBytes));

        Slices.ReturnSegments(root, run.Segment, first, count, Segment.SliceCount + 10);
        Assert.Equal(committed, root->CommittedBytes);
        Assert.Equal(root->BackedBytes - backed, root->RetainedBytes - retained);
        SliceRun again = Take(Slices.MaxInSegment);                     // its headers are good again
        Return(again);
        foreach (SliceRun other in below) Return(other);
        TestHeap.Verify();
    }

    [Fact]
    public void ARunThatCannotHaveAllSegmentsBehindItIsAsItWas()
    {
        const int Held = 40;                // a slice of the third segment that somebody has

        HeapRoot* root = TestHeap.Root;
        SliceRun run = TakeInFrontOfFreeSegments(out List<SliceRun> below);
        SegmentState* second = Segment.State(run.Segment) + 1, third = second + 1;
        Assert.Equal(0ul, second->Used | third->Used);
        third->Used = 1UL << Held;

        nuint committed = root->CommittedBytes;
        long retained = root->RetainedBytes;
        int count = run.Count;
        Assert.False(Slices.TryExtend(root, run.Segment, run.First, 2 * Segment.SliceCount + Held, ref count));
        Assert.Equal(run.Count, count);
        Assert.Equal(0ul, second->Used);
        Assert.Equal(1UL << Held, third->Used);
        Assert.Equal(committed, root->CommittedBytes);
        Assert.Equal(retained, root->RetainedBytes);
        third->Used = 0;
        Return(run);
        foreach (SliceRun other in below) Return(other);
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
        foreach (int count in (int[])[64, 65, 100, 2 * Segment.SliceCount - 1, 3 * Segment.SliceCount])
        {
            nuint before = root->CommittedBytes;
            Assert.True(Slices.TryTakeSegments(root, count, out SliceRun run));
            Assert.InRange(run.Count, count, count + 2);
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

    [Fact]
    public void NoRunGoesOverTheTagsOfARegion()
    {
        const int Segments = 20;            // three and a bit fill a region

        HeapRoot* root = TestHeap.Root;
        SliceRun[] runs = new SliceRun[12];
        for (int i = 0; i < runs.Length; i++)
        {
            Assert.True(Slices.TryTakeSegments(root, Segments * Segment.SliceCount, out runs[i]));
            nuint start = (nuint)runs[i].Start, end = start + (nuint)runs[i].Count * Segment.SliceBytes;
            Assert.True(end - (start & ~((nuint)Region.Bytes - 1)) <= Region.Bytes, "the run begins in one region and ends in the next");
            Assert.True((start & (Region.Bytes - 1)) >= Region.HeaderSliceCount * Segment.SliceBytes, "the run begins in its region's tags");
        }
        foreach (SliceRun run in runs) Return(run);
        TestHeap.Verify();
    }

    [Fact]
    public void ARunDoesNotGrowIntoTheNextRegion()
    {
        HeapRoot* root = TestHeap.Root;
        List<SliceRun> runs = [];
        SliceRun last;
        do
        {
            last = Take(Slices.MaxInSegment);
            runs.Add(last);
        }
        while (((nuint)last.Segment + Segment.Bytes & (Region.Bytes - 1)) != 0);
        int count = last.Count;
        Assert.False(Slices.TryExtend(root, last.Segment, last.First, 2 * Segment.SliceCount, ref count));
        Assert.Equal(last.Count, count);
        foreach (SliceRun run in runs) Return(run);
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
