namespace Lampyris;

// Counts the bytes that go through another allocator; there only when somebody wants the figures (`AllocatorMetrics`).
// A block counts with its usable size, when it comes and when it goes. Throws nothing: what a listener throws is its own affair.
sealed unsafe class CountedAllocator(OtherAllocator allocator) : OtherAllocator
{
    public override string Name => allocator.Name;

    public override void* Allocate(nuint bytes) => Came(allocator.Allocate(bytes));

    public override void* AllocateAligned(nuint alignment, nuint bytes) => Came(allocator.AllocateAligned(alignment, bytes));

    public override void* AllocateZeroed(nuint bytes) => Came(allocator.AllocateZeroed(bytes));

    public override void Deallocate(void* block)
    {
        nuint bytes = allocator.UsableBytes(block);
        allocator.Deallocate(block);
        if (block != null) TrafficCounter.OfThisThread.Freed(bytes);
    }

    public override void* Reallocate(void* block, nuint bytes)
    {
        nuint before = allocator.UsableBytes(block);
        void* moved = allocator.Reallocate(block, bytes);
        if (moved == null && bytes != 0) return null;           // refused: the block is as it was
        if (block != null) TrafficCounter.OfThisThread.Freed(before);
        return Came(moved);
    }

    public override nuint UsableBytes(void* block) => allocator.UsableBytes(block);

    public override void WriteStatus(byte* buffer, nuint bufferBytes) => allocator.WriteStatus(buffer, bufferBytes);

    public override bool Profile(bool active, byte* prefix) => allocator.Profile(active, prefix);

    void* Came(void* block)
    {
        if (block != null) TrafficCounter.OfThisThread.Allocated(allocator.UsableBytes(block));
        return block;
    }
}
