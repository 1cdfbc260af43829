namespace Lampyris;

// What serves `GlobalAllocator` in place of the bare built-in heap. The one there is stands in a static readonly field, so
// that the JIT knows its type and calls it directly. Blocks have a `BlockHeader`, unless a class says otherwise.
abstract unsafe class OtherAllocator
{
    /// <summary>Said in messages: the path of a plugin, the type of a managed allocator.</summary>
    public abstract string Name { get; }

    public abstract void* Allocate(nuint bytes);

    /// <summary><paramref name="alignment"/> is a power of two.</summary>
    public abstract void* AllocateAligned(nuint alignment, nuint bytes);

    public abstract void Deallocate(void* block);

    public abstract void WriteStatus(byte* buffer, nuint bufferBytes);

    public abstract bool Profile(bool active, byte* prefix);

    public virtual void* AllocateZeroed(nuint bytes)
    {
        void* block = Allocate(bytes);
        if (block != null) RawMemory.Clear(block, bytes);
        return block;
    }

    public virtual void* Reallocate(void* block, nuint bytes)
    {
        if (block == null) return Allocate(bytes);
        if (bytes == 0)
        {
            Deallocate(block);
            return null;
        }
        nuint usable = UsableBytes(block);
        // Stay while at least half of the block is used, as the built-in heap does.
        if (bytes <= usable && bytes > usable / 2) return block;
        void* moved = Allocate(bytes);
        if (moved == null) return bytes <= usable ? block : null;
        RawMemory.Copy(block, moved, bytes < usable ? bytes : usable);
        Deallocate(block);
        return moved;
    }

    public virtual nuint UsableBytes(void* block) => block == null ? 0 : BlockHeader.BlockBytes(block);
}
