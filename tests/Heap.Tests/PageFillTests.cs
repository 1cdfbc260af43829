using Xunit;

namespace Lampyris.Tests;

public sealed class PageFillTests
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
}
