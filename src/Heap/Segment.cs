using System.Runtime.CompilerServices;

namespace Lampyris;

// 1 MiB of address space at a multiple of 1 MiB, cut into 64 slices of 16 KiB. Slice 0 holds the headers of the pages in the other 63, one a
// slice: so a block's address alone leads to its page, and the blocks' own memory holds nothing but blocks. There is no more to it,
// so that each OS page of headers can go back by itself where no slice of its is in use. See `Heap` for the whole tour.
public unsafe struct Segment
{
    public const int Bytes = Units.MiB;
    public const int SliceBytes = 16 * Units.KiB;
    public const int SliceShift = 14;
    public const int SliceCount = Bytes / SliceBytes;
    public const ulong AllSlices = ~1UL;                        // all that can be given out: not slice 0
    const uint SlicesFillAWord = SliceCount == 64 ? 0 : -1;     // when false, this line does not compile

    /// <summary>
    /// Bytes in front that hold the headers. A huge block's may have one more behind: the block that is aligned to a segment or more begins
    /// right after one, and counts as being in its slice 64.
    /// </summary>
    public const int HeaderBytes = SliceCount * Page.HeaderBytes;
    public const int HeaderOsPages = HeaderBytes / OsMemory.OsPage;
    const uint HeadersFillOsPages = HeaderBytes % OsMemory.OsPage == 0 && OsMemory.OsPage % Page.HeaderBytes == 0 ? 0 : -1;

    /// <summary>The slices whose pages' headers fill an OS page of the segment's header.</summary>
    public static ulong SlicesOfHeaderPage(int osPage) =>
        Bits.Run(osPage * (OsMemory.OsPage / Page.HeaderBytes), OsMemory.OsPage / Page.HeaderBytes) & AllSlices;

    /// <summary>The segment in which the block at <paramref name="block"/> was made. Right for the first byte of a block only.</summary>
    public static Segment* Of(void* block) => (Segment*)((nuint)block - 1 & ~((nuint)Bytes - 1));

    /// <summary>The slice in which <paramref name="block"/> begins, 1..64.</summary>
    public static nuint SliceOf(Segment* segment, void* block) => (nuint)block - (nuint)segment >> SliceShift;

    public static byte* SliceAddress(Segment* segment, nuint slice) => (byte*)segment + slice * SliceBytes;

    /// <summary>The page that begins at a slice, if one does.</summary>
    public static Page* PageAt(Segment* segment, nuint slice) => (Page*)segment + slice;

    /// <summary>Whether a slice in use is the first of its page. Of a free one, and one in a thread's stock, it may be either.</summary>
    public static bool BeginsPage(Segment* segment, nuint slice) => PageAt(segment, slice)->SliceMark == Page.MarkFor(slice);

    /// <summary>The page that holds <paramref name="block"/>, or aborts: it is not a block of this heap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Page* PageOf(void* block)
    {
        Segment* segment = Of(block);
        uint mark = PageAt(segment, SliceOf(segment, block))->SliceMark;
        Check.Always(((nuint)block & (SizeClasses.Granule - 1)) == 0 && Page.IsMark(mark), "this address was never returned by malloc"u8, block);
        return PageAt(segment, Page.FirstOf(mark));
    }

    /// <summary>As <see cref="PageOf"/>, of what is known to be a block of this heap.</summary>
    public static Page* PageHolding(void* block)
    {
        Segment* segment = Of(block);
        return PageAt(segment, Page.FirstOf(PageAt(segment, SliceOf(segment, block))->SliceMark));
    }

    /// <summary>The arena of a segment, and the segment's place in it. Not of a huge block's.</summary>
    public static Arena* ArenaOf(Segment* segment, out int index)
    {
        Arena* arena = Region.Of(segment)->Arena;
        index = (int)(((nuint)segment - (nuint)arena->Segments) / Bytes);
        return arena;
    }

    /// <summary>What the arena knows of a segment's slices. Not of a huge block's.</summary>
    public static SegmentState* State(Segment* segment)
    {
        Arena* arena = ArenaOf(segment, out int index);
        return Arena.State(arena, index);
    }
}
