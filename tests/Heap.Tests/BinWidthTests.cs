using Xunit;

namespace Lampyris.Tests;

/// <summary>How many blocks a bin takes follows the thread's use, within bounds.</summary>
public sealed unsafe class BinWidthTests
{
    const int Bytes = 7168, Least = 2, Blocks = 10;         // of the size, a bin takes two at least

    static Bin* BinOf(nuint bytes) => Bins.At(TestHeap.Cache, SizeClasses.Of(bytes));

    static BinTraffic* TrafficOf(nuint bytes) => ThreadCache.Traffic(TestHeap.Cache, SizeClasses.Of(bytes));

    static void Turn(int blocks, nuint bytes)
    {
        byte*[] all = new byte*[blocks];
        for (int i = 0; i < blocks; i++) all[i] = TestHeap.Allocate(bytes);
        foreach (byte* block in all) TestHeap.Free(block);
    }

    [Fact]
    public void WhatComesAndGoesAllTheTimeFitsInAfterAWhile() => TestHeap.OnThread(() =>
    {
        Turn(Blocks, Bytes);
        Assert.InRange(BinOf(Bytes)->Count, 1u, Blocks - 2u);
        for (int i = 0; i < 4 * Blocks; i++) Turn(Blocks, Bytes);
        Assert.Equal((uint)Blocks, BinOf(Bytes)->Count);
        Assert.Equal(TrafficOf(Bytes)->Extra * SizeClasses.BlockBytes(SizeClasses.Of(Bytes)), TestHeap.Cache->ExtraBytes);
        TestHeap.Verify();
    });

    [Fact]
    public void EachBinIsBounded() => TestHeap.OnThread(() =>
    {
        const int Medium = 2000, LeastOfMedium = 8;

        for (int blocks = LeastOfMedium; blocks < 90; blocks += 4)
            for (int i = 0; i < 40; i++) Turn(blocks, Medium);
        Assert.InRange(LeastOfMedium + TrafficOf(Medium)->Extra, 24, 80);
        for (int i = 0; i < 200; i++) Turn(80, 100);
        Assert.Equal(0, TrafficOf(100)->Extra);
        TestHeap.Verify();
    });

    [Fact]
    public void AllBinsTogetherAreBounded() => TestHeap.OnThread(() =>
    {
        for (int round = 0; round < 40; round++)
            for (nuint bytes = 20_000; bytes < 256 * Units.KiB; bytes += bytes / 6) Turn(12, bytes);
        Assert.InRange(TestHeap.Cache->ExtraBytes, 1u * Units.MiB, 16u * Units.MiB);
        TestHeap.Verify();
    });

    [Fact]
    public void ABulkOfFreesIsNoReason() => TestHeap.OnThread(() =>
    {
        for (int i = 0; i < 5; i++) Turn(200, Bytes);
        Assert.Equal(0, TrafficOf(Bytes)->Extra);
        for (int i = 0; i < 4 * Blocks; i++) Turn(Blocks, Bytes);
        int extra = TrafficOf(Bytes)->Extra;
        Assert.NotEqual(0, extra);
        for (int i = 0; i < 5; i++) Turn(200, Bytes);
        Assert.Equal(extra, TrafficOf(Bytes)->Extra);
        Assert.Equal(0u, BinOf(Bytes)->Limit);                  // empty, until the next allocation
        TestHeap.Verify();
    });

    [Fact]
    public void ABulkThatIsNotLargeFitsInTheNextTime() => TestHeap.OnThread(() =>
    {
        const int Small = 64, Bulk = 400;

        TestHeap.TakeEmptyCache();
        for (int i = 0; i < 3; i++) Turn(Bulk, Small);
        Assert.InRange(BinOf(Small)->Count, (uint)Bulk, BinOf(Small)->Limit);
        TestHeap.Verify();
    });

    [Fact]
    public void ABulkThatIsLargeDoesNot() => TestHeap.OnThread(() =>
    {
        const int Small = 64;

        TestHeap.TakeEmptyCache();
        for (int i = 0; i < 3; i++) Turn(20_000, Small);
        Assert.Equal((0u, 0u), ((uint)TrafficOf(Small)->Extra, BinOf(Small)->Limit));
        TestHeap.Verify();
    });

    [Fact]
    public void ABinThatNobodyUsesGetsNarrow() => TestHeap.OnThread(() =>
    {
        for (int i = 0; i < 4 * Blocks; i++) Turn(Blocks, Bytes);
        ThreadCache* cache = TestHeap.Cache;
        cache->Lock.Enter();
        for (int i = 0; i < 2 * Bins.AgeRound; i++) Bins.Age(TestHeap.Root, cache);
        cache->Lock.Exit();
        Assert.Equal((0u, (uint)Least, 0u), (BinOf(Bytes)->Count, BinOf(Bytes)->Limit, cache->ExtraBytes));
        TestHeap.Verify();
    });

    [Fact]
    public void AThreadThatEndsLeavesNarrowBins()
    {
        nint left = 0;
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < 4 * Blocks; i++) Turn(Blocks, Bytes);
            Turn(12, 20_000);                   // more than fit in, too few for a bulk
            Assert.Equal(0, TrafficOf(20_000)->Extra);
            Assert.NotEqual(0, TrafficOf(20_000)->Overflows);
            left = (nint)TestHeap.Cache;
            Assert.NotEqual(0u, TestHeap.Cache->ExtraBytes);
        });
        ThreadCache* cache = (ThreadCache*)left;
        Assert.Equal(0u, cache->ExtraBytes);
        Assert.Equal(0u, Bins.At(cache, SizeClasses.Of(Bytes))->Count);
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) Assert.Equal(0, ThreadCache.Traffic(cache, sizeClass)->Overflows);
        TestHeap.Verify();
    }

    // The longest blocks that pages serve: one to a page, through a bin like all others.
    [Fact]
    public void ABlockOfAPageToItselfIsGivenOutAgain() => TestHeap.OnThread(() =>
    {
        const int Long = 200 * Units.KiB;

        byte* block = TestHeap.Allocate(Long);
        Assert.Equal((PageKind.Small, (ushort)1), (TestHeap.PageOf(block)->Kind, TestHeap.PageOf(block)->Capacity));
        TestHeap.Fill(block, Long, 1);
        TestHeap.Free(block);
        Assert.True(TestHeap.Allocate(Long) == block);
        TestHeap.Free(block);
        TestHeap.Verify();
    });

    [Fact]
    public void WhereItGrowsOrIsToBeZeroItIsALargeOne() => TestHeap.OnThread(() =>
    {
        const int Long = 100 * Units.KiB;

        byte* grown = TestHeap.Reallocate(TestHeap.Allocate(1000), Long), zeroed = TestHeap.AllocateZeroed(Long);
        Assert.Equal((PageKind.Large, PageKind.Large), (TestHeap.PageOf(grown)->Kind, TestHeap.PageOf(zeroed)->Kind));
        TestHeap.Free(grown);
        TestHeap.Free(zeroed);
        TestHeap.Verify();
    });
}
