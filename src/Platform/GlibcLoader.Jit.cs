using System.Runtime.InteropServices;

namespace Lampyris;

// The loader's list of files, under the runtime: glibc's own function for unwinders, where there is one (2.35 on).
static unsafe class GlibcLoader
{
    [StructLayout(LayoutKind.Sequential)]
    struct Found                        // struct dl_find_object of <dlfcn.h>
    {
        public ulong Flags;
        public void* MapStart, MapEnd;
        public LinkMap* Link;
        public byte* UnwindTable;
        public fixed ulong Reserved[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    struct LinkMap                      // the beginning of struct link_map of <link.h>
    {
        public ulong Bias;
        public byte* Name;
    }

    static readonly delegate* unmanaged[SuppressGCTransition]<void*, Found*, int> s_find = Function();

    static delegate* unmanaged[SuppressGCTransition]<void*, Found*, int> Function() =>
        NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "_dl_find_object", out nint function)
            ? (delegate* unmanaged[SuppressGCTransition]<void*, Found*, int>)function : null;

    /// <summary>As `Host.FindObject`.</summary>
    public static int Find(void* address, LoadedObject* into)
    {
        Found found;
        if (s_find == null || s_find(address, &found) != 0) return 0;
        into->Start = (ulong)found.MapStart;
        into->End = (ulong)found.MapEnd;
        into->Bias = found.Link->Bias;
        into->Name = found.Link->Name;
        into->UnwindTable = found.UnwindTable;
        return 1;
    }
}
