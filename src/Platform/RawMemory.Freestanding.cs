using System.Runtime.InteropServices;

namespace Lampyris;

// Bulk work on bytes, by the C library's own routines.
public static unsafe class RawMemory
{
    public static void Clear(void* address, nuint bytes) => Set(address, 0, bytes);

    public static void Copy(void* from, void* to, nuint bytes) => MemCpy(to, from, bytes);

    [DllImport("*", EntryPoint = "memset"), SuppressGCTransition]
    static extern void* Set(void* address, int value, nuint bytes);

    [DllImport("*", EntryPoint = "memcpy"), SuppressGCTransition]
    static extern void* MemCpy(void* to, void* from, nuint bytes);
}
