using System.Text;

namespace Lampyris;

// The built-in heap for `CountedAllocator`; without counting, nothing stands before it. Its blocks have no header.
sealed unsafe class HeapAllocator : OtherAllocator
{
    public override string Name => "built-in heap";

    public override void* Allocate(nuint bytes) => BuiltInHeap.Allocate(bytes);

    public override void* AllocateAligned(nuint alignment, nuint bytes) => BuiltInHeap.AllocateAligned(alignment, bytes);

    public override void* AllocateZeroed(nuint bytes) => BuiltInHeap.AllocateZeroed(bytes);

    public override void* Reallocate(void* block, nuint bytes) => BuiltInHeap.Reallocate(block, bytes);

    public override void Deallocate(void* block) => BuiltInHeap.Free(block);

    public override nuint UsableBytes(void* block) => Heap.UsableBytes(block);

    public override void WriteStatus(byte* buffer, nuint bufferBytes) =>
        CString.Write(Encoding.UTF8.GetBytes(StatusText.OfBuiltInHeap()), buffer, bufferBytes);

    public override bool Profile(bool active, byte* prefix) => false;
}
