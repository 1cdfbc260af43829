using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// The built-in heap by the shortest way: a handle that holds the calling thread's cache, so that a call does not look it up.
/// For code that allocates much in one method or loop. It lives on the stack (a <c>ref struct</c>), because it serves
/// the thread that asked for it and no other: pass it down, and get a new one on each thread.
/// </summary>
/// <remarks>
/// It is always the built-in heap, whatever <see cref="GlobalAllocator"/> was told to use. Blocks are ordinary ones of that heap:
/// they outlive the handle, and any thread may free them, through its own handle.
/// </remarks>
public readonly unsafe ref struct NativeHeap
{
    readonly ThreadCache* _cache;

    NativeHeap(ThreadCache* cache) => _cache = cache;

    /// <summary>The handle of the calling thread.</summary>
    /// <exception cref="InsufficientMemoryException">The thread has no cache yet, and the system refuses the memory for one.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeHeap ForThisThread()
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        return new(cache != null ? cache : AttachOrThrow());
    }

    /// <summary>A block of at least <paramref name="bytes"/>, 0 and up, at a multiple of 16; null when there is no memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => Heap.Allocate(bytes, _cache);

    /// <summary>Takes back a block of the built-in heap, whichever thread and way it came from; null does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => Heap.Free(block, _cache);

    /// <summary>As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>, a power of two.</summary>
    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        GlobalAllocator.CheckAlignment(alignment);
        return Heap.AllocateAligned(alignment, bytes, _cache);
    }

    /// <summary>As <see cref="Allocate"/>, filled with zeros.</summary>
    public void* AllocateZeroed(nuint bytes) => Heap.AllocateZeroed(bytes, _cache);

    /// <summary>As <see cref="GlobalAllocator.Reallocate"/>, for blocks of the built-in heap.</summary>
    public void* Reallocate(void* block, nuint bytes) => Heap.Reallocate(block, bytes, _cache);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static ThreadCache* AttachOrThrow()
    {
        ThreadCache* cache = BuiltInHeap.Attach();
        return cache != null ? cache : throw new InsufficientMemoryException("the system refuses the memory for a thread's cache");
    }
}
