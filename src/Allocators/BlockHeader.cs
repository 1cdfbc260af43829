using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// The 16 bytes before each block that does not come from the built-in heap: how long it is and where it really begins.
/// The contract has no method that resizes a block or tells its size, and C# callers need both; so the size goes with
/// the block, as it does in hosts built with 3FS's `SAVE_ALLOCATE_SIZE`.
/// </summary>
/// <remarks>
/// The allocator's block begins right here; or, where the caller's is aligned to more than 16 bytes, one alignment before
/// the caller's. `Word` alone tells the everyday block, so that its free need not wait for an address to be loaded.
/// Written once, before the caller gets the block.
/// </remarks>
unsafe struct BlockHeader
{
    public const int Bytes = 16;
    const uint FitsExactly = Bytes == 2 * sizeof(ulong) ? 0 : -1;       // when false, this line does not compile

    /// <summary>Bytes that the caller may use: what was asked for. With `AlignedFlag`, `AlignmentBytes` holds, too.</summary>
    public nuint Word;
    /// <summary>Bytes from the allocator's block to the caller's. Only of blocks with the flag, or never written.</summary>
    public nuint AlignmentBytes;

    static nuint AlignedFlag => RequestMaxBytes + 1;

    /// <summary>The most that may be asked for, the header and the alignment included (PTRDIFF_MAX, as in the C library).</summary>
    public static nuint RequestMaxBytes => nuint.MaxValue >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockHeader* Of(void* block) => (BlockHeader*)block - 1;

    public static nuint BlockBytes(void* block) => Of(block)->Word & ~AlignedFlag;

    /// <summary>What the allocator returned for a block, and wants back.</summary>
    public static void* Start(void* block)
    {
        BlockHeader* header = Of(block);
        return (header->Word & AlignedFlag) == 0 ? header : (byte*)block - header->AlignmentBytes;
    }

    /// <summary>Makes the caller's block of the allocator's, which is <see cref="Bytes"/> longer. Null stays null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Write(void* start, nuint bytes)
    {
        if (start == null) return null;
        ((BlockHeader*)start)->Word = bytes;
        return (BlockHeader*)start + 1;
    }

    /// <summary>As <see cref="Write"/>, of a block that is aligned and as much longer; more than 16 bytes.</summary>
    public static void* WriteAligned(void* start, nuint alignment, nuint bytes)
    {
        if (start == null) return null;
        void* block = (byte*)start + alignment;
        Of(block)->Word = bytes | AlignedFlag;
        Of(block)->AlignmentBytes = alignment;
        return block;
    }
}
