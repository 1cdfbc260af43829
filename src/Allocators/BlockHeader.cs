using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// The 16 bytes before each block that does not come from the built-in heap: how long it is and where it really begins.
/// The contract has no method that resizes a block or tells its size, and C# callers need both; so the size goes with
/// the block, as it does in hosts built with 3FS's `SAVE_ALLOCATE_SIZE`.
/// </summary>
/// <remarks>
/// The allocator's block begins at `Start`: right here, or for blocks aligned to more than 16 bytes one alignment
/// before the caller's block. Written once, before the caller gets the block.
/// </remarks>
unsafe struct BlockHeader
{
    public const int Bytes = 16;
    const uint FitsExactly = Bytes == 2 * sizeof(ulong) ? 0 : -1;       // when false, this line does not compile

    /// <summary>Bytes that the caller may use: what was asked for.</summary>
    public nuint BlockBytes;
    /// <summary>What the allocator returned, and wants back.</summary>
    public void* Start;

    /// <summary>The most that may be asked for, the header and the alignment included (PTRDIFF_MAX, as in the C library).</summary>
    public static nuint RequestMaxBytes => nuint.MaxValue >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockHeader* Of(void* block) => (BlockHeader*)block - 1;

    /// <summary>Makes the caller's block, <paramref name="offset"/> bytes (16 or the alignment) into the allocator's. Null stays null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Write(void* start, nuint offset, nuint bytes)
    {
        if (start == null) return null;
        void* block = (byte*)start + offset;
        BlockHeader* header = Of(block);
        header->BlockBytes = bytes;
        header->Start = start;
        return block;
    }
}
