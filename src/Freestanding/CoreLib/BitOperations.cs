namespace System.Numerics;

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

// Bit counting. ILC replaces the `[Intrinsic]` ones by the instruction, see `Interlocked` for how.
public static class BitOperations
{
    /// <summary>The index of the highest bit that is set; 0 for 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(uint value) =>
        X86Base.IsSupported ? (int)X86Base.BitScanReverse(value | 1) : 31 ^ LeadingZeroCount(value | 1);

    /// <inheritdoc cref="Log2(uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(ulong value) =>
        X86Base.IsSupported ? (int)X86Base.X64.BitScanReverse(value | 1) : 63 ^ LeadingZeroCount(value | 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(nuint value) => Log2((ulong)value);

    [Intrinsic]
    public static int LeadingZeroCount(uint value) => LeadingZeroCount(value);
    [Intrinsic]
    public static int LeadingZeroCount(ulong value) => LeadingZeroCount(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadingZeroCount(nuint value) => LeadingZeroCount((ulong)value);

    [Intrinsic]
    public static int TrailingZeroCount(int value) => TrailingZeroCount(value);
    [Intrinsic]
    public static int TrailingZeroCount(uint value) => TrailingZeroCount(value);
    [Intrinsic]
    public static int TrailingZeroCount(long value) => TrailingZeroCount(value);
    [Intrinsic]
    public static int TrailingZeroCount(ulong value) => TrailingZeroCount(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(nint value) => TrailingZeroCount((ulong)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(nuint value) => TrailingZeroCount((ulong)value);

    // PopCount has a body of its own, for processors whose instruction ILC may not take for granted:
    // sums of pairs, of nibbles, of bytes, then the product adds up the bytes in the highest one.
    [Intrinsic]
    public static int PopCount(uint value) => PopCount((ulong)value);
    [Intrinsic]
    public static int PopCount(ulong value)
    {
        value -= (value >> 1) & 0x5555_5555_5555_5555;
        value = (value & 0x3333_3333_3333_3333) + ((value >> 2) & 0x3333_3333_3333_3333);
        value = (value + (value >> 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        return (int)(value * 0x0101_0101_0101_0101 >> 56);
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PopCount(nuint value) => PopCount((ulong)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPow2(int value) => (value & (value - 1)) == 0 && value > 0;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPow2(uint value) => (value & (value - 1)) == 0 && value != 0;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPow2(long value) => (value & (value - 1)) == 0 && value > 0;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPow2(ulong value) => (value & (value - 1)) == 0 && value != 0;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPow2(nuint value) => (value & (value - 1)) == 0 && value != 0;

    /// <summary>The smallest power of two that is not below <paramref name="value"/>; 0 for 0 and where it would not fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint RoundUpToPowerOf2(uint value) =>
        value <= 1 ? value : (uint)(0x1_0000_0000UL >> LeadingZeroCount(value - 1));

    /// <inheritdoc cref="RoundUpToPowerOf2(uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong RoundUpToPowerOf2(ulong value)
    {
        if (value <= 1) return value;
        int zeros = LeadingZeroCount(value - 1);
        return zeros == 0 ? 0 : 1UL << (64 - zeros);
    }

    /// <inheritdoc cref="RoundUpToPowerOf2(uint)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint RoundUpToPowerOf2(nuint value) => (nuint)RoundUpToPowerOf2((ulong)value);

    [Intrinsic]
    public static uint RotateLeft(uint value, int offset) => (value << offset) | (value >> (32 - offset));
    [Intrinsic]
    public static ulong RotateLeft(ulong value, int offset) => (value << offset) | (value >> (64 - offset));
    [Intrinsic]
    public static uint RotateRight(uint value, int offset) => (value >> offset) | (value << (32 - offset));
    [Intrinsic]
    public static ulong RotateRight(ulong value, int offset) => (value >> offset) | (value << (64 - offset));
}
