using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// `Interlocked` for sizes, which it lacks.
public static class Atomic
{
    /// <summary>Adds, wrapping, so that adding <c>0 - x</c> subtracts; returns the new value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Add(ref nuint place, nuint value) => (nuint)Interlocked.Add(ref Unsafe.As<nuint, ulong>(ref place), value);
}
