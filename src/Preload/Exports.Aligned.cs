using System.Numerics;
using System.Runtime;

namespace Lampyris;

// Aligned allocation under its six names. They differ in what they take for a bad alignment:
//   memalign         rounds it up to a power of two, as glibc does; only one that can't be rounded fails
//   aligned_alloc    fails with EINVAL unless it is a power of two (C17; glibc since 2.38)
//   posix_memalign   the same, and at least a pointer's size; returns the error, leaves errno and *result alone
//   valloc, pvalloc  have none
static unsafe partial class Exports
{
    const int InvalidArgument = 22;     // EINVAL
    const ulong LargestPowerOfTwo = 1UL << 63;

    [RuntimeExport("lampyris_memalign")]
    static void* MemAlign(nuint alignment, nuint bytes, ThreadCache* cache)
    {
        if (alignment > LargestPowerOfTwo) return Refuse(InvalidArgument);
        return Aligned(BitOperations.RoundUpToPowerOf2(alignment), bytes, cache);
    }

    [RuntimeExport("lampyris_aligned_alloc")]
    static void* AlignedAlloc(nuint alignment, nuint bytes, ThreadCache* cache) =>
        BitOperations.IsPow2(alignment) ? Aligned(alignment, bytes, cache) : Refuse(InvalidArgument);

    [RuntimeExport("lampyris_posix_memalign")]
    static int PosixMemAlign(void** result, nuint alignment, nuint bytes, ThreadCache* cache)
    {
        if (!BitOperations.IsPow2(alignment) || alignment < (nuint)sizeof(void*)) return InvalidArgument;
        int error = Native.Errno();
        void* block = Aligned(alignment, bytes, cache);
        if (block == null)
        {
            Host.SetErrno(error);
            return OutOfMemory;
        }
        *result = block;
        return 0;
    }

    [RuntimeExport("lampyris_valloc")]
    static void* VAlloc(nuint bytes, ThreadCache* cache) => Heap.AllocateAligned(OsMemory.OsPage, bytes, cache);

    [RuntimeExport("lampyris_pvalloc")]
    static void* PVAlloc(nuint bytes, ThreadCache* cache)
    {
        nuint rounded = (bytes + OsMemory.OsPage - 1) & ~(nuint)(OsMemory.OsPage - 1);
        if (rounded < bytes) return Refuse(OutOfMemory);
        return Heap.AllocateAligned(OsMemory.OsPage, rounded, cache);
    }

    // Every block is aligned to a granule anyway. `alignment` is a power of two or 0.
    static void* Aligned(nuint alignment, nuint bytes, ThreadCache* cache) =>
        alignment <= SizeClasses.Granule ? Heap.Allocate(bytes, cache) : Heap.AllocateAligned(alignment, bytes, cache);
}
