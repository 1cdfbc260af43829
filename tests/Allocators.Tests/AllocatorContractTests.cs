using Xunit;

namespace Lampyris.Tests;

// The contract suite over each way to a block.

public sealed unsafe class GlobalAllocatorContractTests : AllocatorContract
{
    protected override ITestedAllocator Allocator => new Tested();

    sealed class Tested : ITestedAllocator
    {
        public void* Allocate(nuint bytes) => GlobalAllocator.Allocate(bytes);
        public void* AllocateZeroed(nuint bytes) => GlobalAllocator.AllocateZeroed(bytes);
        public void* AllocateAligned(nuint alignment, nuint bytes) => GlobalAllocator.AllocateAligned(alignment, bytes);
        public void* Reallocate(void* block, nuint bytes) => GlobalAllocator.Reallocate(block, bytes);
        public void Free(void* block) => GlobalAllocator.Deallocate(block);
        public nuint UsableBytes(void* block) => GlobalAllocator.UsableSize(block);
    }
}

public sealed unsafe class NativeHeapContractTests : AllocatorContract
{
    protected override ITestedAllocator Allocator => new Tested();

    sealed class Tested : ITestedAllocator
    {
        public void* Allocate(nuint bytes) => NativeHeap.ForThisThread().Allocate(bytes);
        public void* AllocateZeroed(nuint bytes) => NativeHeap.ForThisThread().AllocateZeroed(bytes);
        public void* AllocateAligned(nuint alignment, nuint bytes) => NativeHeap.ForThisThread().AllocateAligned(alignment, bytes);
        public void* Reallocate(void* block, nuint bytes) => NativeHeap.ForThisThread().Reallocate(block, bytes);
        public void Free(void* block) => NativeHeap.ForThisThread().Free(block);
        public nuint UsableBytes(void* block) => GlobalAllocator.UsableSize(block);
    }
}

public abstract unsafe class OtherAllocatorContractTests : AllocatorContract
{
    internal abstract OtherAllocator Other { get; }

    protected override ITestedAllocator Allocator => new Tested(Other);

    sealed class Tested(OtherAllocator other) : ITestedAllocator
    {
        public void* Allocate(nuint bytes) => other.Allocate(bytes);
        public void* AllocateZeroed(nuint bytes) => other.AllocateZeroed(bytes);
        public void* AllocateAligned(nuint alignment, nuint bytes) => other.AllocateAligned(alignment, bytes);
        public void* Reallocate(void* block, nuint bytes) => other.Reallocate(block, bytes);
        public void Free(void* block) => other.Deallocate(block);
        public nuint UsableBytes(void* block) => other.UsableBytes(block);
    }
}

public sealed class PluginAllocatorContractTests : OtherAllocatorContractTests
{
    static readonly PluginAllocator s_plugin = PluginLoader.Load(Plugins.Counting);

    internal override OtherAllocator Other => s_plugin;
}

public sealed class ManagedAllocatorContractTests : OtherAllocatorContractTests
{
    internal override OtherAllocator Other { get; } = new ManagedAllocator<SystemAllocator>(default);
}

public sealed class PoolAllocatorContractTests : OtherAllocatorContractTests
{
    internal override OtherAllocator Other { get; } = new ManagedAllocator<PoolAllocator>(default);
}

public sealed class GuardedAllocatorContractTests : OtherAllocatorContractTests
{
    static readonly ManagedAllocator<GuardedAllocator> s_guarded = new(default);

    internal override OtherAllocator Other => s_guarded;
}

public sealed class CountedAllocatorContractTests : OtherAllocatorContractTests
{
    internal override OtherAllocator Other { get; } = new CountedAllocator(new HeapAllocator());
}
