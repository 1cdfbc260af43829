namespace System.Threading;

using System.Runtime.CompilerServices;

// Atomic operations. Methods marked `[Intrinsic]` call themselves: ILC replaces the call inside by the
// instruction, so the body is the instruction and a caller gets it inlined. The rest are built on them.
// All of them are full fences, as in .NET.
public static unsafe class Interlocked
{
    [Intrinsic]
    public static int CompareExchange(ref int location, int value, int comparand) => CompareExchange(ref location, value, comparand);
    [Intrinsic]
    public static int Exchange(ref int location, int value) => Exchange(ref location, value);
    [Intrinsic]
    public static int ExchangeAdd(ref int location, int value) => ExchangeAdd(ref location, value);

    [Intrinsic]
    public static long CompareExchange(ref long location, long value, long comparand) => CompareExchange(ref location, value, comparand);
    [Intrinsic]
    public static long Exchange(ref long location, long value) => Exchange(ref location, value);
    [Intrinsic]
    public static long ExchangeAdd(ref long location, long value) => ExchangeAdd(ref location, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(ref uint location, uint value, uint comparand) => (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location), (int)value, (int)comparand);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Exchange(ref uint location, uint value) => (uint)Exchange(ref Unsafe.As<uint, int>(ref location), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand) => (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location), (long)value, (long)comparand);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Exchange(ref ulong location, ulong value) => (ulong)Exchange(ref Unsafe.As<ulong, long>(ref location), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint CompareExchange(ref nint location, nint value, nint comparand) => (nint)CompareExchange(ref Unsafe.As<nint, long>(ref location), (long)value, (long)comparand);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Exchange(ref nint location, nint value) => (nint)Exchange(ref Unsafe.As<nint, long>(ref location), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint CompareExchange(ref nuint location, nuint value, nuint comparand) => (nuint)CompareExchange(ref Unsafe.As<nuint, long>(ref location), (long)value, (long)comparand);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Exchange(ref nuint location, nuint value) => (nuint)Exchange(ref Unsafe.As<nuint, long>(ref location), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(ref int location, int value) => ExchangeAdd(ref location, value) + value;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Increment(ref int location) => Add(ref location, 1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Decrement(ref int location) => Add(ref location, -1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref int location) => CompareExchange(ref location, 0, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(ref long location, long value) => ExchangeAdd(ref location, value) + value;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Increment(ref long location) => Add(ref location, 1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Decrement(ref long location) => Add(ref location, -1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref long location) => CompareExchange(ref location, 0, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Add(ref uint location, uint value) => (uint)Add(ref Unsafe.As<uint, int>(ref location), (int)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Increment(ref uint location) => (uint)Add(ref Unsafe.As<uint, int>(ref location), 1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Decrement(ref uint location) => (uint)Add(ref Unsafe.As<uint, int>(ref location), -1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref uint location) => (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location), 0, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ref ulong location, ulong value) => (ulong)Add(ref Unsafe.As<ulong, long>(ref location), (long)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Increment(ref ulong location) => (ulong)Add(ref Unsafe.As<ulong, long>(ref location), 1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Decrement(ref ulong location) => (ulong)Add(ref Unsafe.As<ulong, long>(ref location), -1);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref ulong location) => (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location), 0, 0);

    // `And` and `Or` return the value from before. Where the result is not used the JIT would emit a
    // single `lock and`; here they are loops, which is what it makes of them when the result is used.
    public static int And(ref int location, int value)
    {
        int seen = location;
        while (true)
        {
            int before = CompareExchange(ref location, seen & value, seen);
            if (before == seen) return before;
            seen = before;
        }
    }

    public static int Or(ref int location, int value)
    {
        int seen = location;
        while (true)
        {
            int before = CompareExchange(ref location, seen | value, seen);
            if (before == seen) return before;
            seen = before;
        }
    }

    public static long And(ref long location, long value)
    {
        long seen = location;
        while (true)
        {
            long before = CompareExchange(ref location, seen & value, seen);
            if (before == seen) return before;
            seen = before;
        }
    }

    public static long Or(ref long location, long value)
    {
        long seen = location;
        while (true)
        {
            long before = CompareExchange(ref location, seen | value, seen);
            if (before == seen) return before;
            seen = before;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint And(ref uint location, uint value) => (uint)And(ref Unsafe.As<uint, int>(ref location), (int)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Or(ref uint location, uint value) => (uint)Or(ref Unsafe.As<uint, int>(ref location), (int)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong And(ref ulong location, ulong value) => (ulong)And(ref Unsafe.As<ulong, long>(ref location), (long)value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Or(ref ulong location, ulong value) => (ulong)Or(ref Unsafe.As<ulong, long>(ref location), (long)value);

    /// <summary>A full fence.</summary>
    [Intrinsic]
    public static void MemoryBarrier() => MemoryBarrier();
}
