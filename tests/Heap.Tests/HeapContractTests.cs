using System;

namespace Lampyris.Tests;

public sealed unsafe class HeapContractTests : AllocatorContract, IDisposable
{
    protected override ITestedAllocator Allocator => new TestedHeap();

    public void Dispose() => TestHeap.Verify();

    sealed class TestedHeap : ITestedAllocator
    {
        public void* Allocate(nuint bytes) => TestHeap.Allocate(bytes);
        public void* AllocateZeroed(nuint bytes) => TestHeap.AllocateZeroed(bytes);
        public void* AllocateAligned(nuint alignment, nuint bytes) => TestHeap.AllocateAligned(alignment, bytes);
        public void* Reallocate(void* block, nuint bytes) => TestHeap.Reallocate((byte*)block, bytes);
        public void Free(void* block) => TestHeap.Free(block);
        public nuint UsableBytes(void* block) => Heap.UsableBytes(block);
    }
}
