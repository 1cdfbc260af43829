using System.Runtime.InteropServices;

namespace Lampyris;

// Bulk work on bytes.
public static unsafe class RawMemory
{
    public static void Clear(void* address, nuint bytes) => NativeMemory.Clear(address, bytes);

    public static void Copy(void* from, void* to, nuint bytes) => NativeMemory.Copy(from, to, bytes);
}
