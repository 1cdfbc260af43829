namespace Lampyris;

// The built-in heap for `CountedAllocator`; without counting, nothing stands before it. Its blocks have no header.
sealed unsafe class HeapAllocator : OtherAllocator
{
    public const string HeapName = "built-in heap";

    public override string Name => HeapName;

    public override void* Allocate(nuint bytes) => BuiltInHeap.Allocate(bytes);

    public override void* AllocateAligned(nuint alignment, nuint bytes) => BuiltInHeap.AllocateAligned(alignment, bytes);

    public override void* AllocateZeroed(nuint bytes) => BuiltInHeap.AllocateZeroed(bytes);

    public override void* Reallocate(void* block, nuint bytes) => BuiltInHeap.Reallocate(block, bytes);

    public override void Deallocate(void* block) => BuiltInHeap.Free(block);

    public override nuint UsableBytes(void* block) => BuiltInHeap.UsableBytes(block);

    public override void WriteStatus(byte* buffer, nuint bufferBytes) =>
        HeapStatus.Write(buffer, bufferBytes);

    public override bool Profile(bool active, byte* prefix) => HeapProfile.Switch(active, prefix);
}
