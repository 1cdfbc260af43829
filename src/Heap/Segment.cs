using System.Runtime.InteropServices;

namespace Lampyris;

// 1 MiB of address space at a multiple of 1 MiB, cut into 64 slices of 16 KiB. Slice 0 holds what the
// heap knows about the other 63, but for their tags, see `RegionBytes`: so the block's address alone leads to
// everything, and the blocks' own memory holds nothing but blocks. See `Heap` for the whole tour.
[StructLayout(LayoutKind.Explicit)]
public unsafe struct Segment
{
    public const int Bytes = Units.MiB;
    public const int SliceBytes = 16 * Units.KiB;
    public const int SliceShift = 14;
    public const int SliceCount = Bytes / SliceBytes;
    public const ulong AllSlices = ~1UL;                        // all that can be given out: not slice 0
    const uint SlicesFillAWord = SliceCount == 64 ? 0 : -1;     // when false, this line does not compile

    // Entry 64 is the block of a huge allocation that is aligned to a segment or more and begins right after one.
    const int Entries = SliceCount + 1;
    const int OwnerOffset = 64;             // at a cache line
    const int FirstOffset = OwnerOffset + Entries * 8;
    const uint TablesFit = FirstOffset + Entries <= PagesOffset ? 0 : -1;
    /// <summary>Where the pages' headers begin; everything else lies before.</summary>
    public const int PagesOffset = 1024;

    /// <summary>
    /// Segments lie in regions, which arenas and huge allocations begin with. The tags of all blocks of a region stand behind the
    /// header of its first segment. Every free reads one, and tables at the same offset in each segment would meet in the same few
    /// cache sets.
    /// </summary>
    public const int RegionBytes = 64 * Units.MiB;

    /// <summary>The slices of a region's first segment that its header and the tags fill.</summary>
    public const ulong TagSlices = 0b11;
    public const int TagSliceCount = 2;

    /// <summary>Bytes of tags for the slices of a segment.</summary>
    public const int TagBytes = SliceCount * 4;
    // One more than there are slices: a huge block that is aligned to a region begins right after it.
    const uint TagsFit = HeaderBytes + RegionBytes / Bytes * TagBytes + 4 <= TagSliceCount * SliceBytes ? 0 : -1;

    /// <summary>Bytes in front that hold this header, in whole OS pages.</summary>
    public const int HeaderBytes = 12 * Units.KiB;
    const uint HeaderHoldsPages = PagesOffset + Entries * Page.HeaderBytes <= HeaderBytes ? 0 : -1;

    /// <summary>The slices whose pages' headers fill an OS page of this header, all but the first, which holds the tables.</summary>
    public static ulong SlicesOfHeaderPage(int osPage)
    {
        int first = (osPage * OsMemory.OsPage - PagesOffset) / Page.HeaderBytes;
        int end = first + OsMemory.OsPage / Page.HeaderBytes;
        return Bits.Run(first, (end < SliceCount ? end : SliceCount) - first);
    }
    const uint HeadersCrossNoOsPage = OsMemory.OsPage % Page.HeaderBytes == 0 && PagesOffset % Page.HeaderBytes == 0 ? 0 : -1;

    /// <summary>Set while the header is in use: tells a segment from any other memory.</summary>
    public const ulong CookieValue = 0x7365676D656E7421;

    [FieldOffset(0)] public ulong Cookie;
    [FieldOffset(8)] public Arena* Arena;       // null for a huge block's
    [FieldOffset(16)] public int Index;         // in its arena

    /// <summary>The segment in which the block at <paramref name="block"/> was made. Right for the first byte of a block only.</summary>
    public static Segment* Of(void* block) => (Segment*)((nuint)block - 1 & ~((nuint)Bytes - 1));

    /// <summary>The slice in which <paramref name="block"/> begins, 1..64.</summary>
    public static nuint SliceOf(Segment* segment, void* block) => (nuint)block - (nuint)segment >> SliceShift;

    /// <summary>What a slice's tag is above the offset of its class's bin: tells a page of small blocks from all else in memory.</summary>
    public const uint SmallTag = 0x4C616D70;

    /// <summary>
    /// Of the slice in which <paramref name="block"/> begins: of a page of small blocks, `SmallTag` and the offset of the class's
    /// bin in a cache; else 0.
    /// </summary>
    public static uint* Tag(void* block)
    {
        nuint region = RegionOf(block);
        return (uint*)(region + HeaderBytes) + ((nuint)block - region >> SliceShift);
    }

    /// <summary>As <see cref="Tag(void*)"/>, of blocks in a slice.</summary>
    public static uint* Tag(Segment* segment, nuint slice) => Tag(SliceAddress(segment, slice) + 1);

    /// <summary>The region in which the block at <paramref name="block"/> was made. Right for the first byte of a block only.</summary>
    public static nuint RegionOf(void* block) => (nuint)block - 1 & ~((nuint)RegionBytes - 1);

    /// <summary>Whether a segment is the first of its region, so that its first slices hold the region's tags, too.</summary>
    public static bool HoldsTags(Segment* segment) => ((nuint)segment & (RegionBytes - 1)) == 0;

    /// <summary>
    /// Who may free without ceremony into the page that begins at a slice: the owning cache, or null. Written
    /// under the owner's lock, read by everyone: a thread that finds itself here is the owner, and stays it
    /// for as long as it is inside one call (see `Seizure` for the one exception).
    /// </summary>
    public static ThreadCache** Owner(Segment* segment, nuint slice) => (ThreadCache**)((byte*)segment + OwnerOffset) + slice;

    /// <summary>As <see cref="Owner"/>, of a page of small blocks.</summary>
    public static ThreadCache** OwnerOf(Page* page)
    {
        Segment* segment = Of(page->Start);
        return Owner(segment, SliceOf(segment, page->Start));
    }

    /// <summary>The first slice of the page that a slice belongs to.</summary>
    public static byte* First(Segment* segment, nuint slice) => (byte*)segment + FirstOffset + slice;

    /// <summary>The page that begins at a slice.</summary>
    public static Page* PageAt(Segment* segment, nuint slice) => (Page*)((byte*)segment + PagesOffset + slice * Page.HeaderBytes);

    /// <summary>The page that holds <paramref name="block"/>, or aborts: it is not a block of this heap.</summary>
    public static Page* PageOf(void* block)
    {
        Segment* segment = Of(block);
        Check.Always(((nuint)block & (SizeClasses.Granule - 1)) == 0 && segment->Cookie == CookieValue,
            "this address was never returned by malloc"u8, block);
        return PageHolding(block);
    }

    /// <summary>As <see cref="PageOf"/>, of what is known to be a block of this heap.</summary>
    public static Page* PageHolding(void* block)
    {
        Segment* segment = Of(block);
        return PageAt(segment, *First(segment, SliceOf(segment, block)));
    }

    public static byte* SliceAddress(Segment* segment, nuint slice) => (byte*)segment + slice * SliceBytes;
}
