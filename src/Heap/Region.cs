using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>
/// 64 MiB of address space at a multiple of as much: 64 segments. Arenas and huge allocations begin with one. What lies in the first slices
/// of its first segment is of all of them: the arena, and the tags of all slices. Every free reads a tag, and tables at the
/// same offset in each segment would meet in the same few cache sets.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
public unsafe struct Region
{
    public const int Bytes = 64 * Units.MiB;
    public const int SegmentCount = Bytes / Segment.Bytes;

    /// <summary>The slices of the first segment that its own header and the region's fill.</summary>
    public const ulong HeaderSlices = 0b11;
    public const int HeaderSliceCount = 2;

    /// <summary>Bytes of tags for the slices of a segment.</summary>
    public const int TagBytes = Segment.SliceCount * 4;

    const int HeaderOffset = Segment.HeaderBytes + Page.HeaderBytes;        // behind a segment's 65th entry
    const int TagsOffset = HeaderOffset + 64;                               // at a cache line
    // One more than there are slices: a huge block that is aligned to a region begins right after it.
    const uint TagsFit = TagsOffset + SegmentCount * TagBytes + 4 <= HeaderSliceCount * Segment.SliceBytes ? 0 : -1;

    [FieldOffset(HeaderOffset)] public Arena* Arena;        // constant; null for a huge block's

    /// <summary>What a slice's tag is above the offset of its class's bin: tells a page of small blocks from all else in memory.</summary>
    public const uint SmallTag = 0x4C616D70;

    /// <summary>The region in which the block at <paramref name="block"/> was made. Right for the first byte of a block only.</summary>
    public static Region* Of(void* block) => (Region*)((nuint)block - 1 & ~((nuint)Bytes - 1));

    /// <summary>The region that a segment lies in.</summary>
    public static Region* Of(Segment* segment) => (Region*)((nuint)segment & ~((nuint)Bytes - 1));

    /// <summary>
    /// Of the slice in which <paramref name="block"/> begins: of a page of small blocks, `SmallTag` and the offset of the class's
    /// bin in a cache; else 0.
    /// </summary>
    public static uint* Tag(void* block)
    {
        nuint region = (nuint)Of(block);
        return (uint*)(region + TagsOffset) + ((nuint)block - region >> Segment.SliceShift);
    }

    /// <summary>As <see cref="Tag(void*)"/>, of blocks in a slice.</summary>
    public static uint* Tag(Segment* segment, nuint slice) => Tag(Segment.SliceAddress(segment, slice) + 1);
}
