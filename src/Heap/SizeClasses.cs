using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lampyris;

// Size classes: the 96 block sizes that pages serve. See `Heap` for the whole tour.
//   1..256 bytes       step 16                       16, 32 .. 256
//   257..262144 bytes  eight steps to each doubling  288, 320 .. 512, 576 .. 262144
// A request above 128 bytes wastes at most 1/9 of its block (11.1 %), see docs/architecture.md.
public static class SizeClasses
{
    /// <summary>Bytes; every block is a multiple of this, and so is its address.</summary>
    public const int Granule = 16;

    /// <summary>Bytes; requests up to this are looked up in a table instead of computed.</summary>
    public const int DirectMaxBytes = 1024;

    /// <summary>Bytes; a larger request is a run of slices of its own, see `LargeAllocation`.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>
    /// Bytes; a larger block has a page to itself. If it grows, or is to be zero, it is made as a large one: that may stretch
    /// where it stands, and is known to be zero where nobody has written.
    /// </summary>
    public const int SharedMaxBytes = 64 * 1024;

    const int LinearCount = 16;                      // 16 .. 256
    const int Doublings = 10;                        // 256 -> 262144

    /// <summary>How many classes there are; a class index is 0..Count - 1.</summary>
    public const int Count = LinearCount + 8 * Doublings;
    const uint FitsInAByte = Count <= 255 ? 0 : -1;  // when false, this line does not compile

    /// <summary>The smallest class whose blocks hold <paramref name="bytes"/>, 0..MaxBytes; 0 counts as 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(nuint bytes)
    {
        uint last = (uint)bytes - (bytes == 0 ? 0u : 1u);   // offset of the last byte asked for
        if (last < 256) return (int)(last / Granule);
        int doubling = BitOperations.Log2(last);            // 8 for 257..512 bytes
        return 8 * doubling + (int)(last >> (doubling - 3)) - 56;
    }

    /// <summary>Bytes of a block of class <paramref name="index"/>, 0..Count - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BlockBytes(int index)
    {
        if (index < LinearCount) return (uint)(index + 1) * Granule;
        int doubling = index - LinearCount >> 3;
        int step = index - LinearCount & 7;
        return (uint)(9 + step) << (doubling + 5);
    }
}
