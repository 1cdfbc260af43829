namespace System;

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Moving and clearing memory. ILC calls these by name where a struct is too large to copy or clear in
// line; all of them are libc's functions.
public static unsafe class SpanHelpers
{
    [Intrinsic]
    public static void Memmove(ref byte destination, ref readonly byte source, nuint byteCount) =>
        CMemmove(Unsafe.AsPointer(ref destination), Unsafe.AsPointer(in source), byteCount);
    [Intrinsic]
    public static void ClearWithoutReferences(ref byte destination, nuint byteCount) =>
        Memset(Unsafe.AsPointer(ref destination), 0, byteCount);
    [Intrinsic]
    public static void Fill(ref byte destination, byte value, nuint byteCount) =>
        Memset(Unsafe.AsPointer(ref destination), value, byteCount);

    [RuntimeImport("*", "memmove"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void* CMemmove(void* destination, void* source, nuint byteCount);
    [RuntimeImport("*", "memcpy"), MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void* Memcpy(void* destination, void* source, nuint byteCount);
    [RuntimeImport("*", "memset"), MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void* Memset(void* destination, int value, nuint byteCount);
    [RuntimeImport("*", "memcmp"), MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Memcmp(void* left, void* right, nuint byteCount);
}

/// <summary>The same under the names that ordinary .NET code uses.</summary>
public static unsafe class Buffer
{
    public static void MemoryCopy(void* source, void* destination, ulong destinationSizeInBytes, ulong sourceBytesToCopy)
    {
        if (sourceBytesToCopy > destinationSizeInBytes) Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
        SpanHelpers.Memmove(ref *(byte*)destination, ref *(byte*)source, (nuint)sourceBytesToCopy);
    }
}
