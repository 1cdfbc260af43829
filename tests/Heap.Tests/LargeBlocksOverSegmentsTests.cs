using Xunit;

namespace Lampyris.Tests;

// Blocks that run through several segments: what is a header elsewhere is their own memory.
public sealed unsafe class LargeBlocksOverSegmentsTests
{
    const nuint BlockBytes = 10 * Units.MiB;

    // Goal: the purger reads nothing into a block's content. Method: contents that look like a segment's header at
    // every place where one could be.
    [Fact]
    public void ThePurgerLeavesContentsThatLookLikeHeadersAlone()
    {
        byte* small = TestHeap.Allocate(100);
        Segment* model = Segment.Of(small);
        byte* block = TestHeap.Allocate(BlockBytes);
        Segment* inner = (Segment*)Bits.RoundUp((nuint)block, Segment.Bytes);
        Assert.True((byte*)inner < block + BlockBytes);
        RawMemory.Copy(model, inner, Segment.HeaderBytes);
        for (int slice = 1; slice < Segment.SliceCount; slice++)
        {
            Page* page = Segment.PageAt(inner, (nuint)slice);
            *page = default;
            page->Kind = PageKind.Small;
            page->SliceMark = Page.MarkFor((nuint)slice);
            page->Cache = TestHeap.Cache;
            page->BlockBytes = 16;
            page->Carved = page->Capacity = 4096;
        }
        byte[] before = new System.ReadOnlySpan<byte>(inner, Segment.HeaderBytes).ToArray();

        for (int i = 0; i < 4; i++) TestHeap.Visit();

        Assert.Equal(before, new System.ReadOnlySpan<byte>(inner, Segment.HeaderBytes).ToArray());
        TestHeap.Free(block);
        TestHeap.Free(small);
        TestHeap.Verify();
    }

    // Goal: calloc finds no old bytes, also where an inner header's slice was, which has no dirty bit of its own. Method:
    // dirty the slices, let the purger take some of them or all, and ask for the same again.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AZeroedBlockReadsAsZeroWhateverThePurgerLeft(int visits)
    {
        TestHeap.Settle();
        byte* old = TestHeap.Allocate(BlockBytes);
        TestHeap.Fill(old, BlockBytes, 0xAA);
        TestHeap.Free(old);
        byte* shorter = TestHeap.Allocate(BlockBytes / 2);
        TestHeap.Fill(shorter, BlockBytes / 2, 0xBB);
        for (int i = 0; i < visits; i++) TestHeap.Visit();
        TestHeap.Free(shorter);
        byte* zeroed = TestHeap.AllocateZeroed(BlockBytes);
        Assert.True(zeroed == old, "the test needs the same slices again");
        Assert.True(TestHeap.IsFilled(zeroed, BlockBytes, 0));
        TestHeap.Free(zeroed);
        TestHeap.Verify();
    }

    // Goal: where a block takes only the end of a segment, the rest of it serves others.
    [Fact]
    public void TheSegmentItBeginsInServesOthersToo()
    {
        TestHeap.Settle();
        byte* block = TestHeap.Allocate(BlockBytes + Segment.SliceBytes);
        Segment* first = Segment.Of(block);
        byte* other = TestHeap.Allocate(100_000);
        Assert.True(Segment.Of(other) <= first);
        TestHeap.Fill(block, BlockBytes, 1);
        TestHeap.Fill(other, 100_000, 2);
        TestHeap.Free(block);
        Assert.True(TestHeap.IsFilled(other, 100_000, 2));
        TestHeap.Verify();
        TestHeap.Free(other);
        TestHeap.Verify();
    }
}
