namespace Lampyris;

// A plugin's allocator, behind a `BlockHeader` for each block.
//
// A call that does not leave managed code in the runtime's eyes (`SuppressGCTransition`) costs what it costs in C, but
// until it returns, no garbage collection can begin. So it is for calls that are short: blocks up to
// `QuickMaxBytes`, for which an allocator asks the system rarely. Larger ones, each of which may map, unmap or touch
// megabytes, and status and profiling, which write files, go the ordinary way. In exchange a plugin must not
// call back into .NET from its three memory methods.
sealed unsafe class PluginAllocator : OtherAllocator
{
    /// <summary>Bytes; a block above it goes by an ordinary call.</summary>
    const int QuickMaxBytes = 128 * Units.KiB;

    readonly PluginObject* _plugin;
    readonly delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, void*> _allocateQuick;
    readonly delegate* unmanaged[SuppressGCTransition]<PluginObject*, void*, void> _deallocateQuick;
    readonly delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, nuint, void*> _memAlignQuick;

    /// <param name="name">The path of the library, as it was given.</param>
    /// <param name="plugin">Lives as long as the process.</param>
    public PluginAllocator(string name, PluginObject* plugin)
    {
        Name = name;
        _plugin = plugin;
        _allocateQuick = (delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, void*>)Method(PluginObject.AllocateIndex);
        _deallocateQuick = (delegate* unmanaged[SuppressGCTransition]<PluginObject*, void*, void>)Method(PluginObject.DeallocateIndex);
        _memAlignQuick = (delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, nuint, void*>)Method(PluginObject.MemAlignIndex);
    }

    public override string Name { get; }

    public override void* Allocate(nuint bytes)
    {
        if (bytes > QuickMaxBytes) return AllocateLarge(bytes);
        return BlockHeader.Write(_allocateQuick(_plugin, bytes + BlockHeader.Bytes), bytes);
    }

    public override void* AllocateAligned(nuint alignment, nuint bytes)
    {
        if (alignment <= BlockHeader.Bytes) return Allocate(bytes);
        if (alignment > BlockHeader.RequestMaxBytes || bytes > BlockHeader.RequestMaxBytes - alignment) return null;
        nuint all = bytes + alignment;
        void* start = all <= QuickMaxBytes
            ? _memAlignQuick(_plugin, alignment, all)
            : ((delegate* unmanaged<PluginObject*, nuint, nuint, void*>)Method(PluginObject.MemAlignIndex))(_plugin, alignment, all);
        return BlockHeader.WriteAligned(start, alignment, bytes);
    }

    public override void Deallocate(void* block)
    {
        if (block == null) return;
        BlockHeader* header = BlockHeader.Of(block);
        if (header->Word > QuickMaxBytes) DeallocateRare(block);        // large, or aligned
        else _deallocateQuick(_plugin, header);
    }

    public override void WriteStatus(byte* buffer, nuint bufferBytes) =>
        ((delegate* unmanaged<PluginObject*, byte*, nuint, void>)Method(PluginObject.LogStatusIndex))(_plugin, buffer, bufferBytes);

    // Bools are bytes: a C++ callee looks at the low byte only, and sets no more of the result.
    public override bool Profile(bool active, byte* prefix) =>
        ((delegate* unmanaged<PluginObject*, byte, byte*, byte>)Method(PluginObject.ProfilingIndex))(_plugin, active ? (byte)1 : (byte)0, prefix) != 0;

    void* AllocateLarge(nuint bytes)
    {
        if (bytes > BlockHeader.RequestMaxBytes - BlockHeader.Bytes) return null;
        void* start = ((delegate* unmanaged<PluginObject*, nuint, void*>)Method(PluginObject.AllocateIndex))(_plugin, bytes + BlockHeader.Bytes);
        return BlockHeader.Write(start, bytes);
    }

    void DeallocateRare(void* block)
    {
        void* start = BlockHeader.Start(block);
        if (BlockHeader.BlockBytes(block) <= QuickMaxBytes) _deallocateQuick(_plugin, start);
        else ((delegate* unmanaged<PluginObject*, void*, void>)Method(PluginObject.DeallocateIndex))(_plugin, start);
    }

    void* Method(int index) => PluginObject.Method(_plugin, index);
}
