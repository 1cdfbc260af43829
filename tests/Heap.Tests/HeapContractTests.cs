using System;
using Xunit;

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
        public nuint UsableBytes(void* block) => Heap.UsableBytes(block, TestHeap.Cache);
    }

    // Goal: a block's size is the same to whoever asks, by the short way of the thread's bins or by the page. Method: a thread without a cache.
    [Fact]
    public void AThreadWithoutACacheSeesTheSameSizes()
    {
        for (nuint bytes = 1; bytes <= 300_000; bytes += 1 + bytes / 7)
        {
            byte* block = TestHeap.Allocate(bytes);
            nuint usable = Heap.UsableBytes(block, TestHeap.Cache);
            Assert.True(usable >= bytes);
            TestHeap.OnThread(() =>
            {
                Assert.Equal(CacheState.Empty, TestHeap.Cache->State);
                Assert.Equal(usable, Heap.UsableBytes(block, TestHeap.Cache));
                Assert.True(TestHeap.Reallocate(block, usable) == block);
                Assert.True(TestHeap.Reallocate(block, usable / 2 + 1) == block);
            });
            Assert.True(TestHeap.Reallocate(block, usable) == block);
            TestHeap.Free(block);
        }
    }
}
