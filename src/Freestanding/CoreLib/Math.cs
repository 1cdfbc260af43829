namespace System;

using System.Runtime.CompilerServices;

// The part of `System.Math` that the heap uses.
public static class Math
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min(int a, int b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max(int a, int b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Clamp(int value, int min, int max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Min(uint a, uint b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Max(uint a, uint b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Clamp(uint value, uint min, uint max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Min(long a, long b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Max(long a, long b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Clamp(long value, long min, long max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Min(ulong a, ulong b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Max(ulong a, ulong b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Clamp(ulong value, ulong min, ulong max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Min(nint a, nint b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Max(nint a, nint b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Clamp(nint value, nint min, nint max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Min(nuint a, nuint b) => a < b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Max(nuint a, nuint b) => a > b ? a : b;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Clamp(nuint value, nuint min, nuint max) => Min(Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Abs(int value) => value < 0 ? -value : value;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Abs(long value) => value < 0 ? -value : value;

    /// <summary>The high half of the product; the low half goes to <paramref name="low"/>.</summary>
    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        ulong al = (uint)a, ah = a >> 32, bl = (uint)b, bh = b >> 32;
        ulong middle = ah * bl + (al * bl >> 32);
        ulong other = al * bh + (uint)middle;
        low = a * b;
        return ah * bh + (middle >> 32) + (other >> 32);
    }
}
