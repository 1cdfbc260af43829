using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lampyris;

// Arithmetic on sizes, addresses and 64-bit masks, free of any knowledge of the heap.
public static class Bits
{
    /// <summary>The smallest multiple of <paramref name="unit"/>, a power of two, that is not below <paramref name="value"/>; wraps at the top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint RoundUp(nuint value, nuint unit) => (value + unit - 1) & ~(unit - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint RoundDown(nuint value, nuint unit) => value & ~(unit - 1);

    /// <summary><paramref name="count"/> ones, 1..64, from bit <paramref name="first"/> up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Run(int first, int count) => (ulong.MaxValue >> (64 - count)) << first;

    /// <summary>
    /// The lowest start of <paramref name="count"/> ones in a row, 1..64, at a multiple of
    /// <paramref name="alignment"/> (a power of two up to 32); -1 where there is none.
    /// </summary>
    public static int FindRun(ulong mask, int count, int alignment)
    {
        // After each step bit i says that a run of `have` ones starts at i.
        int have = 1;
        while (have < count)
        {
            int step = count - have < have ? count - have : have;
            mask &= mask >> step;
            have += step;
        }
        if (alignment > 1)
        {
            ulong starts = 1;
            for (int bit = alignment; bit < 64; bit += alignment) starts |= 1UL << bit;
            mask &= starts;
        }
        return mask == 0 ? -1 : BitOperations.TrailingZeroCount(mask);
    }

    /// <summary>How many ones follow each other from bit <paramref name="first"/> up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RunLength(ulong mask, int first)
    {
        ulong zeros = ~(mask >> first);
        return zeros == 0 ? 64 : BitOperations.TrailingZeroCount(zeros);
    }
}
