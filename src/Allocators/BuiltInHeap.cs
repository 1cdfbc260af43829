using System.Runtime.CompilerServices;

namespace Lampyris;

// The heap as .NET code calls it: with the calling thread's cache, which every call looks up.
//
// The purger takes pages of threads that sleep (`Seizure`), and counts on it that no thread sleeps between two
// instructions of a fast path. The runtime parks threads where they call or return, so the fast paths must be
// free of calls from the first run on: `AggressiveOptimization` skips the tiers in which small methods are calls.
static unsafe class BuiltInHeap
{
    const MethodImplOptions FastPath = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;

    static ThreadCache* s_emptyCache;

    [MethodImpl(FastPath)]
    public static void* Allocate(nuint bytes)
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        return cache != null ? Heap.Allocate(bytes, cache) : AllocateFirst(bytes);
    }

    [MethodImpl(FastPath)]
    public static void Free(void* block)
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        if (cache != null) Heap.Free(block, cache);
        else FreeWithoutCache(block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void* AllocateAligned(nuint alignment, nuint bytes) => Heap.AllocateAligned(alignment, bytes, Cache());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void* AllocateZeroed(nuint bytes) => Heap.AllocateZeroed(bytes, Cache());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void* Reallocate(void* block, nuint bytes) => Heap.Reallocate(block, bytes, Cache());

    /// <summary>The calling thread's cache; it gets one if it has none. Null when memory is refused.</summary>
    public static ThreadCache* Attach()
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        if (cache == null)
        {
            // A thread gets its cache with its first block.
            Free(Allocate(1));
            cache = (ThreadCache*)Host.ThreadCache();
        }
        return cache;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void* AllocateFirst(nuint bytes) => Heap.Allocate(bytes, Cache());

    // A thread that only frees stays without one.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static void FreeWithoutCache(void* block) => Heap.Free(block, Cache());

    static ThreadCache* Cache()
    {
        void* cache = Host.ThreadCache();
        if (cache != null) return (ThreadCache*)cache;
        // Making it twice writes the same twice.
        return s_emptyCache != null ? s_emptyCache : s_emptyCache = EmptyCache.Get();
    }
}
