namespace System.Numerics;

using System.Runtime.CompilerServices;

// Bit counting. Made from `HighestBit`, which every processor has as an instruction: ILC replaces counts of
// zeros and ones only where it may assume a newer processor than we do.
public static class BitOperations
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(uint value) => HighestBit.Of(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(ulong value) => HighestBit.Of(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(nuint value) => HighestBit.Of((ulong)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadingZeroCount(uint value) => value == 0 ? 32 : 31 - HighestBit.Of(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadingZeroCount(ulong value) => value == 0 ? 64 : 63 - HighestBit.Of(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadingZeroCount(nuint value) => LeadingZeroCount((ulong)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(uint value) => value == 0 ? 32 : HighestBit.Of(value & 0 - value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(long value) => TrailingZeroCount((ulong)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(ulong value) => value == 0 ? 64 : HighestBit.Of(value & 0 - value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(nint value) => TrailingZeroCount((ulong)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(nuint value) => TrailingZeroCount((ulong)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PopCount(uint value) => PopCount((ulong)value);
    // Adds up neighbouring pairs, fours and eights of bits side by side, then all bytes by one multiplication.
    public static int PopCount(ulong value)
    {
        value -= value >> 1 & 0x5555555555555555;
        value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
        value = value + (value >> 4) & 0x0F0F0F0F0F0F0F0F;
        return (int)(value * 0x0101010101010101 >> 56);
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
