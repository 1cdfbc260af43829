using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lampyris;

// Size classes: the 72 block sizes that pages serve. See `Heap` for the whole tour.
//   1..256 bytes       step 16                                      16, 32 .. 256
//   257..1024 bytes    eight steps to each doubling                 288, 320 .. 512, 576 .. 1024
//   1025..262144       five: 9, 10, 12, 14 and 16 eighths           1152, 1280, 1536, 1792, 2048 .. 262144
// Fewer classes of longer blocks share what is kept ready; the first step is short, since a power of two and a header is a common
// request. Above 128 bytes at most 1/6 of a block is wasted, see docs/architecture.md.
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
    const int FineCount = 2 * 8;                     // .. 1024
    const int MediumSteps = 5;                       // to each of the 8 doublings .. 262144

    /// <summary>How many classes there are; a class index is 0..Count - 1.</summary>
    public const int Count = LinearCount + FineCount + 8 * MediumSteps;
    const uint FitsInAByte = Count <= 255 ? 0 : -1;  // when false, this line does not compile

    /// <summary>The smallest class whose blocks hold <paramref name="bytes"/>, 0..MaxBytes; 0 counts as 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(nuint bytes)
    {
        uint last = (uint)bytes - (bytes == 0 ? 0u : 1u);   // offset of the last byte asked for
        if (last < 256) return (int)(last / Granule);
        return last < DirectMaxBytes ? 8 * BitOperations.Log2(last) + (int)(last >> (BitOperations.Log2(last) - 3)) - 56 : OfMedium((uint)bytes);
    }

    /// <summary>As <see cref="Of"/>, for DirectMaxBytes + 1..MaxBytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int OfMedium(uint bytes)
    {
        uint last = bytes - 1;
        int doubling = BitOperations.Log2(last);            // 10 for 1,025..2,048 bytes
        int eighths = (int)(last >> (doubling - 3));        // 8..15, rounded down: steps 0, 1, 2, 2, 3, 3, 4, 4
        int step = (eighths >> 1) - 3 + (eighths - 9 >> 31);
        return LinearCount + FineCount + MediumSteps * (doubling - 10) + step;
    }

    /// <summary>Bytes of a block of class <paramref name="index"/>, 0..Count - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BlockBytes(int index)
    {
        if (index < LinearCount) return (uint)(index + 1) * Granule;
        uint above = (uint)(index - LinearCount);
        if (above < FineCount) return 9 + above % 8 << (int)(above / 8) + 5;
        above -= FineCount;
        uint step = above % MediumSteps;
        return (step < 2 ? 9 + step : 8 + 2 * step) << (int)(above / MediumSteps) + 7;
    }
}
