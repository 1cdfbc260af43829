using System.Collections.Generic;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class LargeAllocationTests
{
    const nuint MiB = Units.MiB;

    [Fact]
    public void ABlockGrowsAndShrinksWhereItStands()
    {
        byte* block = TestHeap.Allocate(40 * Segment.SliceBytes);
        TestHeap.Fill(block, 40 * Segment.SliceBytes, 3);
        Assert.True(LargeAllocation.TryResize(TestHeap.PageOf(block), 20 * Segment.SliceBytes));
        Assert.Equal((nuint)20 * Segment.SliceBytes, Heap.UsableBytes(block, TestHeap.Cache));
        TestHeap.Verify();
        Assert.True(TestHeap.Reallocate(block, 36 * Segment.SliceBytes) == block);
        Assert.True(TestHeap.IsFilled(block, 20 * Segment.SliceBytes, 3));
        TestHeap.Free(block);
        TestHeap.Verify();
    }

    // Goal: a vector that grows is not copied at each segment's end. Method: nobody else is behind it.
    [Fact]
    public void ABlockGrowsOverSegmentsWhereItStands()
    {
        const nuint WholeSegment = Slices.MaxInSegment * Segment.SliceBytes, Step = 200 * Units.KiB;

        byte* place = TestHeap.Allocate(7 * MiB);
        TestHeap.Free(place);
        List<nint> below = [];
        byte* block = TestHeap.Allocate(WholeSegment);
        for (; block < place; block = TestHeap.Allocate(WholeSegment)) below.Add((nint)block);
        ulong before = TestHeap.Snapshot().CommittedBytes - WholeSegment;
        for (nuint bytes = WholeSegment; bytes < 5 * MiB; bytes += Step)
        {
            TestHeap.Fill(block, bytes, (byte)(bytes >> 10));
            Assert.True(TestHeap.Reallocate(block, bytes + Step) == block);
            Assert.True(TestHeap.IsFilled(block, bytes, (byte)(bytes >> 10)));
            TestHeap.Verify();
        }
        Assert.InRange(TestHeap.Snapshot().CommittedBytes - before, 5 * MiB, 5 * MiB + Step + Segment.SliceBytes);
        // Shorter again, it keeps the segment in which it ends.
        Assert.True(TestHeap.Reallocate(block, 5 * MiB / 2) == block);
        Assert.Equal(5 * MiB / 2, Heap.UsableBytes(block, TestHeap.Cache));
        Assert.InRange(TestHeap.Snapshot().CommittedBytes - before, 5 * MiB / 2, 7 * MiB / 2);
        TestHeap.Verify();
        TestHeap.Free(block);
        Assert.Equal(before, TestHeap.Snapshot().CommittedBytes);
        TestHeap.Verify();
        byte* zeros = TestHeap.AllocateZeroed(7 * MiB);
        Assert.True(TestHeap.IsFilled(zeros, 7 * MiB, 0));
        TestHeap.Free(zeros);
        foreach (nint other in below) TestHeap.Free((byte*)other);
    }

    [Fact]
    public void ABlockDoesNotGrowIntoItsNeighbour()
    {
        const int Slices = 20;

        byte* first = TestHeap.Allocate(Slices * Segment.SliceBytes);
        byte* second = TestHeap.Allocate(Slices * Segment.SliceBytes);
        Assert.Equal(PageKind.Large, TestHeap.PageOf(first)->Kind);
        if (second == first + Slices * Segment.SliceBytes)
            Assert.False(LargeAllocation.TryResize(TestHeap.PageOf(first), (Slices + 1) * Segment.SliceBytes));
        TestHeap.Free(first);
        TestHeap.Free(second);
        TestHeap.Verify();
    }

    // Goal: a vector that doubles keeps its contents wherever it goes: slices, several segments, a mapping alone.
    [Fact]
    public void ContentsSurviveDoublingFromSmallTo512MiB()
    {
        nuint bytes = 1000;
        byte* block = TestHeap.Allocate(bytes);
        for (nuint i = 0; i < bytes; i++) block[i] = (byte)i;
        while (bytes < 512 * MiB)
        {
            block[bytes - 1] = 77;
            block = TestHeap.Reallocate(block, bytes * 2);
            Assert.True(block != null);
            for (nuint i = 0; i < 999; i++) Assert.Equal((byte)i, block[i]);
            Assert.Equal(77, block[bytes - 1]);
            bytes *= 2;
        }
        TestHeap.Verify();
        TestHeap.Free(block);
        TestHeap.Verify();
    }

    [Fact]
    public void AHugeBlockMovesWithItsMemory()
    {
        nuint bytes = 64 * MiB;
        byte* block = TestHeap.Allocate(bytes);
        Assert.Equal(PageKind.Huge, TestHeap.PageOf(block)->Kind);
        block[0] = 1;
        block[bytes - 1] = 2;
        byte* moved = (byte*)LargeAllocation.Grow(TestHeap.PageOf(block), 100 * MiB);
        Assert.True(moved != null && moved[0] == 1 && moved[bytes - 1] == 2);
        // Only the two OS pages that were written to, and what the kernel maps around a fault, hold memory.
        Assert.True(Residency.Bytes(moved, bytes) <= 4 * MiB);
        TestHeap.Free(moved);
        TestHeap.Verify();
    }

    [Fact]
    public void WhatAHugeBlockLosesGoesBackAtOnce()
    {
        byte* block = TestHeap.Allocate(64 * MiB);
        TestHeap.Fill(block, 64 * MiB, 9);
        Assert.True(TestHeap.Reallocate(block, 20 * MiB) == block);
        Assert.Equal((nuint)0, Residency.Bytes(block + 20 * MiB, 44 * MiB));
        Assert.True(TestHeap.IsFilled(block, 20 * MiB, 9));
        Assert.True(TestHeap.Reallocate(block, 60 * MiB) == block);
        TestHeap.Free(block);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ABlockThatMayNotGrowStaysAsItWas(int every)
    {
        byte* block = TestHeap.Allocate(40 * MiB);
        TestHeap.Fill(block, 40 * MiB, 5);
        SyscallRefusal.Every = every;
        byte* grown = TestHeap.Reallocate(block, 400 * MiB);
        SyscallRefusal.Every = 0;
        if (grown != null) block = grown;
        Assert.True(TestHeap.IsFilled(block, 40 * MiB, 5));
        TestHeap.Free(block);
        TestHeap.Verify();
    }

    [Fact]
    public void ImpossibleRequestsAreRefused()
    {
        foreach (nuint bytes in (nuint[])[nuint.MaxValue, nuint.MaxValue - 4096, nuint.MaxValue / 2, nuint.MaxValue / 2 + 1, (nuint)1 << 50])
        {
            Assert.True(TestHeap.Allocate(bytes) == null);
            Assert.True(TestHeap.AllocateZeroed(bytes) == null);
            Assert.True(TestHeap.AllocateAligned(64, bytes) == null);
            Assert.True(TestHeap.AllocateAligned((nuint)1 << 30, bytes) == null);
            byte* block = TestHeap.Allocate(100);
            block[99] = 6;
            Assert.True(TestHeap.Reallocate(block, bytes) == null && block[99] == 6);
            TestHeap.Free(block);
        }
        Assert.True(TestHeap.AllocateAligned((nuint)1 << 62, 1) == null);
        TestHeap.Verify();
    }

    [Fact]
    public void ReservedAndCommittedReturnToWhatTheyWere()
    {
        TestHeap.Free(TestHeap.Allocate(100));
        HeapSnapshot before = TestHeap.Snapshot();
        for (int i = 0; i < 20; i++)
        {
            byte* block = TestHeap.AllocateAligned(i % 2 == 0 ? 16 : 8 * MiB, (nuint)(33 + i) * MiB);
            block = TestHeap.Reallocate(block, (nuint)(90 - i) * MiB);
            block = TestHeap.Reallocate(block, 35 * MiB);
            TestHeap.Free(block);
        }
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(before.ReservedBytes, after.ReservedBytes);
        Assert.Equal(before.CommittedBytes, after.CommittedBytes);
        Assert.Equal(before.LiveCount, after.LiveCount);
        Assert.Equal(before.LiveBytes, after.LiveBytes);
    }
}
