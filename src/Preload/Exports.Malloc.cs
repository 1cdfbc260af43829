using System.Runtime;

namespace Lampyris;

// C's malloc family. EntryPoints.c names these functions and hands in the calling thread's cache.
// Behaviour at the edges is glibc's: size 0 gives a unique block, failure sets errno.
static unsafe partial class Exports
{
    const int OutOfMemory = 12;         // ENOMEM

    [RuntimeExport("lampyris_malloc")]
    static void* Malloc(nuint bytes, ThreadCache* cache) => Heap.Allocate(bytes, cache);

    [RuntimeExport("lampyris_free")]
    static void Free(void* block, ThreadCache* cache) => Heap.FreeBlock(block, cache);

    [RuntimeExport("lampyris_calloc")]
    static void* Calloc(nuint count, nuint bytes, ThreadCache* cache) =>
        Product(count, bytes, out nuint total) ? Heap.AllocateZeroed(total, cache) : Refuse(OutOfMemory);

    [RuntimeExport("lampyris_realloc")]
    static void* Realloc(void* block, nuint bytes, ThreadCache* cache) => Heap.Reallocate(block, bytes, cache);

    [RuntimeExport("lampyris_reallocarray")]
    static void* ReallocArray(void* block, nuint count, nuint bytes, ThreadCache* cache) =>
        Product(count, bytes, out nuint total) ? Heap.Reallocate(block, total, cache) : Refuse(OutOfMemory);

    [RuntimeExport("lampyris_usable_size")]
    static nuint UsableSize(void* block, ThreadCache* cache) => Heap.UsableBytes(block, cache);

    /// <summary>False when the product does not fit.</summary>
    static bool Product(nuint count, nuint bytes, out nuint total)
    {
        total = count * bytes;
        // Two factors below 2^32 can't overflow; the division is for the rest.
        return (count | bytes) >> 32 == 0 || count == 0 || total / count == bytes;
    }

    static void* Refuse(int error)
    {
        Host.SetErrno(error);
        return null;
    }
}
