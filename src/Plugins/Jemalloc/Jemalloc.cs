using System;
using System.Runtime;

namespace Lampyris;

// jemalloc behind the contract, its profiler included where it was built with one.
unsafe struct Jemalloc : IMemoryAllocator
{
    delegate* unmanaged[SuppressGCTransition]<nuint, void*> _malloc;
    delegate* unmanaged[SuppressGCTransition]<void*, void> _free;
    delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*> _memalign;
    delegate* unmanaged[SuppressGCTransition]<byte*, void*, nuint*, void*, nuint, int> _control;

    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator()
    {
        void* library = PeerLibrary.Open("LAMPYRIS_JEMALLOC_PATH\0"u8, "libjemalloc.so.2\0"u8, "libjemalloc2\0"u8);
        if (library == null)
        {
            // Debian's is built for preloading only; its thread-local storage has to be there when the process starts.
            CLibrary.Complain("lampyris: for \"static TLS block\" start with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384"u8);
            return null;
        }
        // Built with a prefix: its `malloc` would be the C library's.
        bool prefixed = PeerLibrary.Has(library, "je_mallctl\0"u8);
        Jemalloc peer = default;
        peer._malloc = (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)PeerLibrary.Function(library, prefixed ? "je_malloc\0"u8 : "malloc\0"u8);
        peer._free = (delegate* unmanaged[SuppressGCTransition]<void*, void>)PeerLibrary.Function(library, prefixed ? "je_free\0"u8 : "free\0"u8);
        peer._memalign = (delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*>)PeerLibrary.Function(library, prefixed ? "je_memalign\0"u8 : "memalign\0"u8);
        peer._control = (delegate* unmanaged[SuppressGCTransition]<byte*, void*, nuint*, void*, nuint, int>)PeerLibrary.Function(library, prefixed ? "je_mallctl\0"u8 : "mallctl\0"u8);
        return peer._malloc == null || peer._free == null || peer._memalign == null || peer._control == null ? null : Plugin.Export(peer);
    }

    public void* Allocate(nuint bytes) => _malloc(bytes);

    public void Deallocate(void* block) => _free(block);

    // Of 0 bytes jemalloc 5.3 makes a block that is not aligned.
    public void* AllocateAligned(nuint alignment, nuint bytes) => _memalign(alignment, bytes == 0 ? 1 : bytes);

    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        // Figures stand still until the epoch is set.
        ulong epoch = 1;
        Set("epoch\0"u8, &epoch, sizeof(ulong));
        StatusLine line = default;
        line.Begin("jemalloc"u8);
        line.Add("allocated"u8, Figure("stats.allocated\0"u8));
        line.Add("active"u8, Figure("stats.active\0"u8));
        line.Add("metadata"u8, Figure("stats.metadata\0"u8));
        line.Add("resident"u8, Figure("stats.resident\0"u8));
        line.Add("mapped"u8, Figure("stats.mapped\0"u8));
        line.Add("retained"u8, Figure("stats.retained\0"u8));
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix)
    {
        byte isActive = 0;
        nuint bytes = 1;
        fixed (byte* name = "prof.active\0"u8)
        {
            if (_control(name, &isActive, &bytes, null, 0) != 0)
            {
                if (active) CLibrary.Complain("lampyris: profiling: this jemalloc has none, or was started without MALLOC_CONF=prof:true"u8);
                return false;
            }
        }
        if (prefix != null && !Set("prof.prefix\0"u8, &prefix, (nuint)sizeof(byte*))) return Fail("prof.prefix"u8);
        if (isActive != 0 && !Set("prof.dump\0"u8, null, 0)) return Fail("prof.dump"u8);
        byte wanted = active ? (byte)1 : (byte)0;
        return Set("prof.active\0"u8, &wanted, 1) || Fail("prof.active"u8);
    }

    static bool Fail(ReadOnlySpan<byte> what)
    {
        TextLine line = default;
        line.Append("lampyris: profiling: jemalloc refuses "u8);
        line.Append(what);
        CLibrary.Complain(line);
        return false;
    }

    bool Set(ReadOnlySpan<byte> zeroEndedName, void* value, nuint bytes)
    {
        fixed (byte* name = zeroEndedName) return _control(name, null, null, value, bytes) == 0;
    }

    // 0 where the library was built without it.
    ulong Figure(ReadOnlySpan<byte> zeroEndedName)
    {
        nuint value = 0, bytes = (nuint)sizeof(nuint);
        fixed (byte* name = zeroEndedName) _control(name, &value, &bytes, null, 0);
        return value;
    }
}
