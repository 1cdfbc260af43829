using System.Runtime;

namespace Lampyris;

// mimalloc behind the contract.
unsafe struct Mimalloc : IMemoryAllocator
{
    delegate* unmanaged[SuppressGCTransition]<nuint, void*> _malloc;
    delegate* unmanaged[SuppressGCTransition]<void*, void> _free;
    delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*> _mallocAligned;
    delegate* unmanaged[SuppressGCTransition]<nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, void> _processInfo;

    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator()
    {
        void* library = PeerLibrary.Open("LAMPYRIS_MIMALLOC_PATH\0"u8, "libmimalloc.so.2\0"u8, "libmimalloc2.0\0"u8);
        if (library == null) return null;
        Mimalloc peer = default;
        peer._malloc = (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)PeerLibrary.Function(library, "mi_malloc\0"u8);
        peer._free = (delegate* unmanaged[SuppressGCTransition]<void*, void>)PeerLibrary.Function(library, "mi_free\0"u8);
        peer._mallocAligned = (delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*>)PeerLibrary.Function(library, "mi_malloc_aligned\0"u8);
        peer._processInfo = (delegate* unmanaged[SuppressGCTransition]<nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, nuint*, void>)PeerLibrary.Function(library, "mi_process_info\0"u8);
        return peer._malloc == null || peer._free == null || peer._mallocAligned == null || peer._processInfo == null ? null : Plugin.Export(peer);
    }

    public void* Allocate(nuint bytes) => _malloc(bytes);

    public void Deallocate(void* block) => _free(block);

    // Version 2.0.9, Debian 12's, takes blocks of a size that is a multiple of the alignment for aligned, which not all are.
    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        void* block = _mallocAligned(bytes, alignment);
        if (((nuint)block & (alignment - 1)) == 0) return block;
        _free(block);
        return _mallocAligned(bytes + 1, alignment);
    }

    // Times are milliseconds, sizes bytes, of the whole process.
    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        nuint elapsed, user, system, resident, peakResident, committed, peakCommitted, pageFaults;
        _processInfo(&elapsed, &user, &system, &resident, &peakResident, &committed, &peakCommitted, &pageFaults);
        StatusLine line = default;
        line.Begin("mimalloc"u8);
        line.Add("resident"u8, resident);
        line.Add("peak resident"u8, peakResident);
        line.Add("committed"u8, committed);
        line.Add("peak committed"u8, peakCommitted);
        line.Add("page faults"u8, pageFaults);
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix)
    {
        if (active) CLibrary.Complain("lampyris: profiling: mimalloc has no heap profiler, so it stays off"u8);
        return false;
    }
}
