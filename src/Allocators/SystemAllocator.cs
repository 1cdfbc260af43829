using System;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>The C library's malloc, or whatever stands in for it in this process. Takes over where a plugin fails.</summary>
public readonly unsafe struct SystemAllocator : IMemoryAllocator
{
    /// <inheritdoc/>
    public void* Allocate(nuint bytes)
    {
        // The runtime's methods throw where malloc returns null.
        try { return NativeMemory.Alloc(bytes); }
        catch (OutOfMemoryException) { return null; }
    }

    /// <inheritdoc/>
    public void Deallocate(void* block) => NativeMemory.Free(block);

    /// <inheritdoc/>
    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        // On the systems we run on, both kinds of blocks are malloc's, and free takes them.
        try { return NativeMemory.AlignedAlloc(bytes, alignment); }
        catch (OutOfMemoryException) { return null; }
    }

    /// <inheritdoc/>
    public void WriteStatus(byte* buffer, nuint bufferBytes) => CString.Write("system allocator"u8, buffer, bufferBytes);

    /// <summary>It has no profiler: false.</summary>
    public bool Profile(bool active, byte* prefix) => false;
}
