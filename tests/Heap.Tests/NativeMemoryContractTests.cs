using System.Runtime.InteropServices;

namespace Lampyris.Tests;

// The witness: what the contract asks of our heap, the C library's gives too.
public sealed unsafe class NativeMemoryContractTests : AllocatorContract
{
    protected override ITestedAllocator Allocator => new CLibrary();

    sealed class CLibrary : ITestedAllocator
    {
        public void* Allocate(nuint bytes) => NativeMemory.Alloc(bytes);
        public void* AllocateZeroed(nuint bytes) => NativeMemory.AllocZeroed(bytes);
        public void* AllocateAligned(nuint alignment, nuint bytes) => NativeMemory.AlignedAlloc(bytes, alignment);
        public void* Reallocate(void* block, nuint bytes) => NativeMemory.Realloc(block, bytes);
        public void Free(void* block) => NativeMemory.Free(block);
        public nuint UsableBytes(void* block) => 0;
    }
}
