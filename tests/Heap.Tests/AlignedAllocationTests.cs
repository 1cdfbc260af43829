using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class AlignedAllocationTests
{
    [Theory]
    [InlineData(Units.MiB, 56 * Segment.SliceBytes)]
    [InlineData(2 * Units.MiB, 3 * Units.MiB)]
    [InlineData(2 * Segment.SliceBytes, 63 * Segment.SliceBytes)]
    public void AnAlignedBlockThatFitsNoSegmentReservesLittle(int alignment, int bytes)
    {
        byte* warm = TestHeap.Allocate(100);
        ulong before = TestHeap.Snapshot().ReservedBytes;
        byte* block = TestHeap.AllocateAligned((nuint)alignment, (nuint)bytes);
        Assert.True(block != null && (nuint)block % (nuint)alignment == 0);
        Assert.True(TestHeap.Snapshot().ReservedBytes - before <= 64 * Units.MiB, $"{TestHeap.Snapshot().ReservedBytes - before} bytes more reserved");
        TestHeap.Free(block);
        TestHeap.Free(warm);
        TestHeap.Verify();
    }

    [Fact]
    public void EveryPowerOfTwoUpToOneGiBIsServed()
    {
        for (nuint alignment = 16; alignment <= (nuint)Units.GiB; alignment *= 2)
            foreach (nuint bytes in (nuint[])[0, 1, 100, 5000, 70_000, Units.MiB, 5 * Units.MiB])
            {
                byte* block = TestHeap.AllocateAligned(alignment, bytes);
                Assert.True(block != null && ((nuint)block & (alignment - 1)) == 0, $"alignment {alignment}, {bytes} bytes: {(nuint)block:x}");
                Assert.True(Heap.UsableBytes(block, TestHeap.Cache) >= bytes);
                if (bytes != 0) block[0] = block[bytes - 1] = 1;
                TestHeap.Free(block);
            }
        TestHeap.Verify();
    }

    [Fact]
    public void AnAlignedBlockGrowsAndKeepsItsContent()
    {
        for (nuint alignment = 32; alignment <= 64 * Units.MiB; alignment *= 8)
        {
            byte* block = TestHeap.AllocateAligned(alignment, 3000);
            TestHeap.Fill(block, 3000, 7);
            foreach (nuint bytes in (nuint[])[100_000, 3 * Units.MiB, 40 * Units.MiB, 90 * Units.MiB, 2000])
            {
                block = TestHeap.Reallocate(block, bytes);
                Assert.True(TestHeap.IsFilled(block, 2000, 7));
            }
            TestHeap.Free(block);
        }
        TestHeap.Verify();
    }
}
