using System.Runtime.CompilerServices;

namespace Lampyris;

// The heap as .NET code calls it: with the calling thread's cache, which every call looks up.
static unsafe class BuiltInHeap
{
    static ThreadCache* s_emptyCache;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Allocate(nuint bytes)
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        return cache != null ? Heap.Allocate(bytes, cache) : AllocateFirst(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(void* block)
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        if (cache != null) Heap.Free(block, cache);
        else FreeWithoutCache(block);
    }

    public static void* AllocateAligned(nuint alignment, nuint bytes) => Heap.AllocateAligned(alignment, bytes, Cache());

    public static void* AllocateZeroed(nuint bytes) => Heap.AllocateZeroed(bytes, Cache());

    public static void* Reallocate(void* block, nuint bytes) => Heap.Reallocate(block, bytes, Cache());

    public static nuint UsableBytes(void* block) => Heap.UsableBytes(block, Cache());

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

    /// <summary>Brings the heap up, if it is not, without a block of it.</summary>
    public static HeapRoot* Start()
    {
        Cache();
        return Heap.Start();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* AllocateFirst(nuint bytes) => Heap.Allocate(bytes, Cache());

    // A thread that only frees stays without one, unless it frees much.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void FreeWithoutCache(void* block) => Heap.Free(block, Cache());

    static ThreadCache* Cache()
    {
        void* cache = Host.ThreadCache();
        if (cache != null) return (ThreadCache*)cache;
        if (s_emptyCache != null) return s_emptyCache;
        // Making it twice writes the same twice.
        HeapProfile.HeapIsUsed();
        return s_emptyCache = EmptyCache.Get();
    }
}
