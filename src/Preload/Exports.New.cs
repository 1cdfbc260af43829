using System.Numerics;
using System.Runtime;

namespace Lampyris;

// C++'s operator new; OperatorNew.c has the mangled names, NewHandler.c what happens on failure.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_new")]
    static void* New(nuint bytes, ThreadCache* cache)
    {
        void* block = Heap.Allocate(bytes, cache);
        return block != null ? block : Native.NewFailed(bytes, 0);
    }

    [RuntimeExport("lampyris_new_nothrow")]
    static void* NewNoThrow(nuint bytes, ThreadCache* cache)
    {
        void* block = Heap.Allocate(bytes, cache);
        return block != null ? block : Native.NewFailedNoThrow(bytes, 0);
    }

    [RuntimeExport("lampyris_new_aligned")]
    static void* NewAligned(nuint bytes, nuint alignment, ThreadCache* cache)
    {
        void* block = AlignedForNew(bytes, alignment, cache);
        return block != null ? block : Native.NewFailed(bytes, alignment);
    }

    [RuntimeExport("lampyris_new_aligned_nothrow")]
    static void* NewAlignedNoThrow(nuint bytes, nuint alignment, ThreadCache* cache)
    {
        void* block = AlignedForNew(bytes, alignment, cache);
        return block != null ? block : Native.NewFailedNoThrow(bytes, alignment);
    }

    // An alignment that is no power of two can't come from `new`; asked for by name it fails like memory does.
    static void* AlignedForNew(nuint bytes, nuint alignment, ThreadCache* cache) =>
        BitOperations.IsPow2(alignment) ? Aligned(alignment, bytes, cache) : null;
}
