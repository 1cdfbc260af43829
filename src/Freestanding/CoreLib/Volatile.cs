namespace System.Threading;

using System.Runtime.CompilerServices;

// Reads that acquire and writes that release; ILC replaces each by a plain move (x64) or a load-acquire
// and store-release (arm64), see `Interlocked` for how.
public static unsafe class Volatile
{
    [Intrinsic]
    public static bool Read(ref readonly bool location) => Read(in location);
    [Intrinsic]
    public static void Write(ref bool location, bool value) => Write(ref location, value);

    [Intrinsic]
    public static byte Read(ref readonly byte location) => Read(in location);
    [Intrinsic]
    public static void Write(ref byte location, byte value) => Write(ref location, value);

    [Intrinsic]
    public static sbyte Read(ref readonly sbyte location) => Read(in location);
    [Intrinsic]
    public static void Write(ref sbyte location, sbyte value) => Write(ref location, value);

    [Intrinsic]
    public static short Read(ref readonly short location) => Read(in location);
    [Intrinsic]
    public static void Write(ref short location, short value) => Write(ref location, value);

    [Intrinsic]
    public static ushort Read(ref readonly ushort location) => Read(in location);
    [Intrinsic]
    public static void Write(ref ushort location, ushort value) => Write(ref location, value);

    [Intrinsic]
    public static int Read(ref readonly int location) => Read(in location);
    [Intrinsic]
    public static void Write(ref int location, int value) => Write(ref location, value);

    [Intrinsic]
    public static uint Read(ref readonly uint location) => Read(in location);
    [Intrinsic]
    public static void Write(ref uint location, uint value) => Write(ref location, value);

    [Intrinsic]
    public static long Read(ref readonly long location) => Read(in location);
    [Intrinsic]
    public static void Write(ref long location, long value) => Write(ref location, value);

    [Intrinsic]
    public static ulong Read(ref readonly ulong location) => Read(in location);
    [Intrinsic]
    public static void Write(ref ulong location, ulong value) => Write(ref location, value);

    [Intrinsic]
    public static nint Read(ref readonly nint location) => Read(in location);
    [Intrinsic]
    public static void Write(ref nint location, nint value) => Write(ref location, value);

    [Intrinsic]
    public static nuint Read(ref readonly nuint location) => Read(in location);
    [Intrinsic]
    public static void Write(ref nuint location, nuint value) => Write(ref location, value);
}
