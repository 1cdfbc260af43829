using System.Numerics;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

// C++'s operator new; OperatorNew.c has the mangled names, NewHandler.c what happens on failure.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_new")]
    static void* New(nuint bytes, ThreadCache* cache) =>
        IsAtHand(bytes, cache) ? Heap.Allocate(bytes, cache) : NewSlow(bytes, cache);

    [RuntimeExport("lampyris_new_nothrow")]
    static void* NewNoThrow(nuint bytes, ThreadCache* cache) =>
        IsAtHand(bytes, cache) ? Heap.Allocate(bytes, cache) : NewNoThrowSlow(bytes, cache);

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

    // Whether `Heap.Allocate` will find a block without a call. It asks the same questions, which the
    // compiler answers once: what is left is malloc's fast path, with this slow path behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsAtHand(nuint bytes, ThreadCache* cache) =>
        bytes <= SizeClasses.DirectMaxBytes
        && (*ThreadCache.Direct(cache, bytes + (SizeClasses.Granule - 1) >> 4))->Free != null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* NewSlow(nuint bytes, ThreadCache* cache)
    {
        void* block = Heap.Allocate(bytes, cache);
        return block != null ? block : Native.NewFailed(bytes, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* NewNoThrowSlow(nuint bytes, ThreadCache* cache)
    {
        void* block = Heap.Allocate(bytes, cache);
        return block != null ? block : Native.NewFailedNoThrow(bytes, 0);
    }

    // An alignment that is no power of two can't come from `new`; asked for by name it fails like memory does.
    static void* AlignedForNew(nuint bytes, nuint alignment, ThreadCache* cache) =>
        BitOperations.IsPow2(alignment) ? Aligned(alignment, bytes, cache) : null;
}
