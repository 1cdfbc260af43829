using System;

namespace Lampyris;

// An allocator written in C#, behind a `BlockHeader` for each block.
sealed unsafe class ManagedAllocator<TAllocator>(TAllocator allocator) : OtherAllocator
    where TAllocator : unmanaged, IMemoryAllocator
{
    TAllocator _allocator = allocator;      // not readonly: it may keep its state in itself

    public override string Name => typeof(TAllocator).Name;

    public override void* Allocate(nuint bytes)
    {
        if (bytes > BlockHeader.RequestMaxBytes - BlockHeader.Bytes) return null;
        return BlockHeader.Write(_allocator.Allocate(bytes + BlockHeader.Bytes), bytes);
    }

    public override void* AllocateAligned(nuint alignment, nuint bytes)
    {
        if (alignment <= BlockHeader.Bytes) return Allocate(bytes);
        if (alignment > BlockHeader.RequestMaxBytes || bytes > BlockHeader.RequestMaxBytes - alignment) return null;
        return BlockHeader.WriteAligned(_allocator.AllocateAligned(alignment, bytes + alignment), alignment, bytes);
    }

    public override void Deallocate(void* block)
    {
        if (block != null) _allocator.Deallocate(BlockHeader.Start(block));
    }

    public override void WriteStatus(byte* buffer, nuint bufferBytes) => _allocator.WriteStatus(buffer, bufferBytes);

    public override bool Profile(bool active, byte* prefix) => _allocator.Profile(active, prefix);
}
