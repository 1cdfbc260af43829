using System.Numerics;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

// C++'s operator new; OperatorNew.c has the mangled names, NewHandler.c what happens on the slow path.
static unsafe partial class Exports
{
    /// <summary>operator new(size_t): a block, or the exception that C++ prescribes.</summary>
    [RuntimeExport("lampyris_new")]
    static void* New(nuint bytes, ThreadCache* cache) =>
        Heap.IsAtHand(bytes, cache, out Bin* bin, out ulong counts) ? Heap.GiveOut(bin, counts) : NewMedium(bytes, cache);

    // See FastPathTails.Freestanding.cs.
    [RuntimeImport("*", "lampyris_new_medium"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void* NewMedium(nuint bytes, ThreadCache* cache);

    [RuntimeExport("lampyris_new_medium")]
    static void* NewMediumExported(nuint bytes, ThreadCache* cache) =>
        Heap.IsMediumAtHand(bytes, cache, out Bin* bin, out ulong counts) ? Heap.GiveOut(bin, counts) : Native.NewSlow(bytes, cache);

    /// <summary>Of operator new(size_t, std::align_val_t) the part that may fail: a block or null.</summary>
    [RuntimeExport("lampyris_try_new_aligned")]
    static void* TryNewAligned(nuint bytes, nuint alignment, ThreadCache* cache) =>
        // An alignment that is no power of two can't come from `new`; asked for by name it fails like memory does.
        BitOperations.IsPow2(alignment) ? Aligned(alignment, bytes, cache) : null;
}
