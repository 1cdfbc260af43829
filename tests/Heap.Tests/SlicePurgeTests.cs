using System.Collections.Generic;
using System.Numerics;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SlicePurgeTests
{
    const nuint BlockBytes = 20 * Segment.SliceBytes;

    [Fact]
    public void SlicesIdleAtTwoVisitsGoBack()
    {
        TestHeap.Settle();
        byte* keep = TestHeap.Allocate(100_000);           // so that the segment stays
        byte* block = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Free(block);
        Assert.Equal(BlockBytes, Residency.Bytes(block, BlockBytes));
        TestHeap.Visit();
        Assert.Equal(BlockBytes, Residency.Bytes(block, BlockBytes));
        TestHeap.Visit();
        Assert.Equal((nuint)0, Residency.Bytes(block, BlockBytes));
        TestHeap.Free(keep);
        TestHeap.Verify();
    }

    [Fact]
    public void SlicesTakenBetweenTwoVisitsStay()
    {
        TestHeap.Settle();
        byte* block = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Free(block);
        TestHeap.Visit();
        byte* again = TestHeap.Allocate(BlockBytes);
        Assert.True(again == block);
        TestHeap.Free(again);
        TestHeap.Visit();
        Assert.Equal(BlockBytes, Residency.Bytes(block, BlockBytes));
        TestHeap.Visit();
        Assert.Equal((nuint)0, Residency.Bytes(block, BlockBytes));
        TestHeap.Verify();
    }

    [Fact]
    public void LiveNeighboursKeepTheirContents()
    {
        byte*[] blocks = new byte*[30];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = TestHeap.Allocate(5 * Segment.SliceBytes);
            TestHeap.Fill(blocks[i], 5 * Segment.SliceBytes, (byte)i);
        }
        for (int i = 0; i < blocks.Length; i += 2) TestHeap.Free(blocks[i]);
        TestHeap.Visit(idleOnly: false);
        for (int i = 0; i < blocks.Length; i++)
        {
            if (i % 2 == 0) Assert.Equal((nuint)0, Residency.Bytes(blocks[i], 5 * Segment.SliceBytes));
            else Assert.True(TestHeap.IsFilled(blocks[i], 5 * Segment.SliceBytes, (byte)i));
        }
        for (int i = 1; i < blocks.Length; i += 2) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WhatDescribesThemGoesBackTooWhereItDescribesNothingElse(int osPageKept)
    {
        const int Slices = 5, FullSegment = (Segment.SliceCount - 1) / Slices;
        const nuint Bytes = Slices * Segment.SliceBytes;

        TestHeap.Settle();
        Dictionary<nint, List<nint>> bySegment = [];
        List<nint> full;
        do
        {
            byte* block = TestHeap.AllocateZeroed(Bytes);        // a large block, though pages serve the size
            TestHeap.Fill(block, Bytes, 1);
            nint segment = (nint)Segment.Of(block);
            bySegment.TryAdd(segment, []);
            full = bySegment[segment];
            full.Add((nint)block);
        }
        while (full.Count < FullSegment || UsedSlices(Segment.Of((byte*)full[0])) != FullSegment * Slices);    // a segment of ours alone
        byte* header = (byte*)Segment.Of((byte*)full[0]);
        full.Sort();
        if (osPageKept == 1) full.Reverse();                // the highest block stays, not the lowest
        foreach (nint block in full[1..]) TestHeap.Free((byte*)block);
        Assert.Equal((nuint)Segment.HeaderBytes, Residency.Bytes(header, Segment.HeaderBytes));
        TestHeap.Visit();
        Assert.Equal((nuint)Segment.HeaderBytes, Residency.Bytes(header, Segment.HeaderBytes));
        TestHeap.Visit();
        Assert.Equal((nuint)OsMemory.OsPage, Residency.Bytes(header, Segment.HeaderBytes));
        Assert.Equal((nuint)OsMemory.OsPage, Residency.Bytes(header + osPageKept * OsMemory.OsPage, OsMemory.OsPage));
        TestHeap.Verify();
        Assert.True(TestHeap.IsFilled((byte*)full[0], Bytes, 1));
        for (int i = 1; i < full.Count; i++) TestHeap.Fill((byte*)(full[i] = (nint)TestHeap.AllocateZeroed(Bytes)), Bytes, 2);
        TestHeap.Verify();
        foreach (nint block in full[1..]) TestHeap.Free((byte*)block);
        bySegment[(nint)header] = [full[0]];
        foreach (List<nint> blocks in bySegment.Values)
            foreach (nint block in blocks) TestHeap.Free((byte*)block);
        TestHeap.Verify();
    }

    static int UsedSlices(Segment* segment) => BitOperations.PopCount(Segment.State(segment)->Used);

    [Fact]
    public void WhatTheSystemRefusesToTakeStaysDirtyAndIsTriedAgain()
    {
        TestHeap.Settle();
        byte* keep = TestHeap.Allocate(100_000);
        byte* block = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Free(block);
        SyscallRefusal.Every = 1;
        TestHeap.Visit(idleOnly: false);
        SyscallRefusal.Every = 0;
        TestHeap.Verify();
        byte* zeroed = TestHeap.AllocateZeroed(BlockBytes);
        Assert.True(zeroed == block && TestHeap.IsFilled(zeroed, BlockBytes, 0));
        TestHeap.Free(zeroed);
        TestHeap.Visit(idleOnly: false);
        Assert.Equal((nuint)0, Residency.Bytes(block, BlockBytes));
        TestHeap.Free(keep);
        TestHeap.Verify();
    }

    [Fact]
    public void TrimSaysWhetherAnythingWentBack()
    {
        TestHeap.Settle();
        byte* block = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Free(block);
        Assert.True(Heap.Trim(TestHeap.Cache));
        Assert.Equal((nuint)0, Residency.Bytes(block, BlockBytes));
        Assert.False(Heap.Trim(TestHeap.Cache));
    }

    [Fact]
    public void MemoryThatNeverGoesBackDoesNotKeepThePurgerAwake()
    {
        TestHeap.Settle();
        byte* block = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Free(block);
        SyscallRefusal.Every = 1;
        bool first = Purger.Visit(TestHeap.Root, idleOnly: true, canSeize: false);
        bool second = Purger.Visit(TestHeap.Root, idleOnly: true, canSeize: false);
        SyscallRefusal.Every = 0;
        Assert.True(first);
        Assert.False(second);
        TestHeap.Visit(idleOnly: false);
        Assert.Equal((nuint)0, Residency.Bytes(block, BlockBytes));
    }
}
