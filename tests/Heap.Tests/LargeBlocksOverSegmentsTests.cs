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
            *Segment.First(inner, (nuint)slice) = (byte)slice;
            Page* page = Segment.PageAt(inner, (nuint)slice);
            *page = default;
            page->Kind = PageKind.Small;
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

    // Goal: calloc finds no old bytes where an inner header's slice was. Method: dirty that slice by one block, let the
    // rest of its segment be purged around a block that stays, and ask again.
    [Fact]
    public void AZeroedBlockReadsAsZeroAlsoWhereASegmentsFirstSliceWas()
    {
        TestHeap.Settle();
        nuint oldBytes = Segment.Bytes * 7 / 4;       // two segments, like the other one
        byte* old = TestHeap.Allocate(oldBytes);
        TestHeap.Fill(old, oldBytes, 0xAA);
        Segment* inner = (Segment*)Bits.RoundUp((nuint)old, Segment.Bytes);
        Arena* arena = Segment.Of(old)->Arena;
        int index = (int)((nuint)((byte*)inner - (byte*)arena->Segments) / Segment.Bytes);
        TestHeap.Free(old);

        // The last slice of the inner segment stays used while the purger comes by.
        SegmentState* state = Arena.State(arena, index);
        state->Used = 1UL << 63;
        Segment.SliceAddress(inner, 63)[0] = 1;
        inner->Arena = arena;
        inner->Index = index;
        inner->Cookie = Segment.CookieValue;
        TestHeap.Visit(idleOnly: false);
        state->Used = 0;

        nuint bytes = Segment.Bytes * 5 / 4;          // ends well before the inner segment's last slice
        byte* zeroed = TestHeap.AllocateZeroed(bytes);
        Assert.True(zeroed == old, "the test needs the same segments again");
        Assert.True(TestHeap.IsFilled(zeroed, bytes, 0));
        TestHeap.Free(zeroed);
        TestHeap.Verify();
    }

    // Goal: what a block does not use of its last segment is not kept from the system. Method: dirty it first.
    [Fact]
    public void TheUnusedEndOfItsLastSegmentHoldsNoMemory()
    {
        TestHeap.Settle();
        byte* dirty = TestHeap.Allocate(2 * Segment.Bytes - 2 * Segment.SliceBytes);
        TestHeap.Fill(dirty, 2 * Segment.Bytes - 2 * Segment.SliceBytes, 1);
        TestHeap.Free(dirty);
        byte* block = TestHeap.Allocate(Segment.Bytes + Segment.SliceBytes);
        Assert.True(block == dirty, "the test needs the same segments again");
        for (int i = 0; i < 3; i++) TestHeap.Visit();
        Assert.Equal((nuint)0, Residency.Bytes(block + Segment.Bytes * 5 / 4, Segment.Bytes / 2));
        TestHeap.Free(block);
        TestHeap.Verify();
    }
}
