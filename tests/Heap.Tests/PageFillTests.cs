using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class PageFillTests
{
    [Fact]
    public void APageHoldsFourBlocksOrOneAndLeavesAtMostAnEighthOver()
    {
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            uint block = SizeClasses.BlockBytes(i), page = (uint)PageFill.SlicesFor(block) * Segment.SliceBytes;
            if (block <= SizeClasses.SharedMaxBytes) Assert.InRange(page / block, 4u, ushort.MaxValue);
            else Assert.Equal(1u, page / block);
            Assert.InRange(page % block, 0u, page / 8);
            Assert.InRange(page, (uint)Segment.SliceBytes, 4u * SizeClasses.SharedMaxBytes);
        }
    }

    const nuint BlockBytes = 256, LongBlockBytes = 20 * Units.KiB;

    [Fact]
    public void ASmallHeapTouchesOnlyWhatItCarves() => Passes(SmallHeap);

    [Fact]
    public void ALargeHeapHasPagesBackedAsAWhole() => Passes(LargeHeap);

    [Fact]
    public void WhatTheSystemDoesNotBackAtOnceIsCarvedInSteps() => Passes(RefusingSystem);

    [Fact]
    public void WhatReallocCopiesIsBackedAndNoMore() => Passes(GrowingBlock);

    // In a process of its own, whose heap is as small as it says.
    static void Passes(System.Func<int> method) => ChildProcess.Passes(method, ("LAMPYRIS_PURGE", "0"));

    static int SmallHeap()
    {
        Page* page = TestHeap.PageOf(TestHeap.Allocate(BlockBytes));
        return page->CarvedBytes <= OsMemory.OsPage && Resident(page) == OsMemory.OsPage ? 0 : 1;
    }

    static int LargeHeap()
    {
        Grow();
        Page* page = FreshPage(BlockBytes);
        if (page->Carved != page->Capacity) return 1;
        if (Resident(page) != page->SliceCount * (nuint)Segment.SliceBytes) return 2;
        // Whoever uses one long block need not use the next.
        Page* longer = FreshPage(LongBlockBytes);
        if (Resident(longer) >= 2 * LongBlockBytes) return 3;
        return HeapCheck.Verify() == 0 ? 0 : 4;
    }

    static int RefusingSystem()
    {
        Grow();
        SyscallRefusal.Every = 1;
        Page* page = FreshPage(BlockBytes);
        SyscallRefusal.Every = 0;
        if (SyscallRefusal.Count == 0) return 1;
        return page->CarvedBytes <= OsMemory.OsPage && Resident(page) == OsMemory.OsPage ? 0 : 2;
    }

    static int GrowingBlock()
    {
        const nuint Had = 300 * Units.KiB, Wanted = 900 * Units.KiB;

        byte* block = TestHeap.Allocate(Had);
        TestHeap.Fill(block, Had, 7);
        byte* fence = TestHeap.Allocate(Had);              // it can't grow where it stands
        byte* grown = TestHeap.Reallocate(block, Wanted);
        if (grown == block || fence == null) return 1;
        if (!TestHeap.IsFilled(grown, Had, 7)) return 2;
        nuint resident = Residency.Bytes(grown, Bits.RoundUp(Wanted, OsMemory.OsPage));
        return resident == Bits.RoundUp(Had, OsMemory.OsPage) ? 0 : 3;
    }

    // Beyond the size from which pages are backed as a whole, in blocks that are no part of a page.
    static void Grow()
    {
        TestHeap.Allocate(SizeClasses.Granule);            // the thread has a cache
        for (int i = 0; i < 8; i++) TestHeap.Allocate(Units.MiB);
    }

    // A page that has just been made, on slices that nobody had before.
    static Page* FreshPage(nuint bytes)
    {
        byte* block = TestHeap.Allocate(bytes);
        while (!TestHeap.BeginsAPage(block)) block = TestHeap.Allocate(bytes);
        return TestHeap.PageOf(block);
    }

    static nuint Resident(Page* page) => Residency.Bytes(page->Start, page->SliceCount * (nuint)Segment.SliceBytes);
}
