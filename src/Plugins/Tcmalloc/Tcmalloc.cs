using System;
using System.Runtime;

namespace Lampyris;

// gperftools' tcmalloc behind the contract.
unsafe struct Tcmalloc : IMemoryAllocator
{
    delegate* unmanaged[SuppressGCTransition]<nuint, void*> _malloc;
    delegate* unmanaged[SuppressGCTransition]<void*, void> _free;
    delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*> _memalign;
    delegate* unmanaged[SuppressGCTransition]<byte*, nuint*, int> _property;

    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator()
    {
        void* library = PeerLibrary.Open("LAMPYRIS_TCMALLOC_PATH\0"u8, "libtcmalloc_minimal.so.4\0"u8, "libtcmalloc-minimal4\0"u8);
        if (library == null) return null;
        Tcmalloc peer = default;
        peer._malloc = (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)PeerLibrary.Function(library, "tc_malloc\0"u8);
        peer._free = (delegate* unmanaged[SuppressGCTransition]<void*, void>)PeerLibrary.Function(library, "tc_free\0"u8);
        peer._memalign = (delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*>)PeerLibrary.Function(library, "tc_memalign\0"u8);
        peer._property = (delegate* unmanaged[SuppressGCTransition]<byte*, nuint*, int>)PeerLibrary.Function(library, "MallocExtension_GetNumericProperty\0"u8);
        return peer._malloc == null || peer._free == null || peer._memalign == null || peer._property == null ? null : Plugin.Export(peer);
    }

    public void* Allocate(nuint bytes) => _malloc(bytes);

    public void Deallocate(void* block) => _free(block);

    public void* AllocateAligned(nuint alignment, nuint bytes) => _memalign(alignment, bytes);

    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        StatusLine line = default;
        line.Begin("tcmalloc"u8);
        line.Add("allocated"u8, Property("generic.current_allocated_bytes\0"u8));
        line.Add("heap"u8, Property("generic.heap_size\0"u8));
        line.Add("thread caches"u8, Property("tcmalloc.current_total_thread_cache_bytes\0"u8));
        line.Add("free"u8, Property("tcmalloc.pageheap_free_bytes\0"u8));
        line.Add("unmapped"u8, Property("tcmalloc.pageheap_unmapped_bytes\0"u8));
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix)
    {
        if (active) CLibrary.Complain("lampyris: profiling: this tcmalloc is asked for no heap profile, so it stays off"u8);
        return false;
    }

    // 0 where the library does not know the name.
    ulong Property(ReadOnlySpan<byte> zeroEndedName)
    {
        nuint value = 0;
        fixed (byte* name = zeroEndedName) _property(name, &value);
        return value;
    }
}
