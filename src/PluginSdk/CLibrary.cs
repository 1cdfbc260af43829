using System;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>
/// What of the C library a plugin is likely to need. Any other function is one more `DllImport` of the same kind: a plain call in
/// a plugin; under .NET, where the same file serves the allocators that are both, an ordinary one.
/// </summary>
static unsafe class CLibrary
{
    const int NoAccess = 0, ReadWrite = 3, PrivateAnonymous = 0x22, NoReserve = 0x4000, Fixed = 0x10;
    const int LoadNow = 2, DeepBind = 8;
    const int StandardError = 2;

    /// <summary>Zeroed memory of its own, at a multiple of 4096; null when refused. It is backed by memory, and counted as such, once it is touched.</summary>
    public static void* Map(nuint bytes)
    {
        nint result = MapPages(null, bytes, ReadWrite, PrivateAnonymous | NoReserve, -1, 0);
        return result == -1 ? null : (void*)result;
    }

    /// <summary>Gives a mapping back, or a part of one.</summary>
    public static void Unmap(void* address, nuint bytes) => _ = UnmapPages(address, bytes);

    /// <summary>Address space of its own that faults at every access, at a multiple of 4096; null when refused. It costs no memory.</summary>
    public static void* Reserve(nuint bytes)
    {
        nint result = MapPages(null, bytes, NoAccess, PrivateAnonymous | NoReserve, -1, 0);
        return result == -1 ? null : (void*)result;
    }

    /// <summary>Makes OS pages of a reservation ordinary memory, zeroed. False when the system has no mapping left for it.</summary>
    public static bool Commit(void* address, nuint bytes) => Protect(address, bytes, ReadWrite) == 0;

    /// <summary>Makes OS pages fault at every access again, and gives up the memory behind them. False when refused: they are as they were.</summary>
    public static bool Decommit(void* address, nuint bytes) => MapPages(address, bytes, NoAccess, PrivateAnonymous | NoReserve | Fixed, -1, 0) != -1;

    /// <summary>Ends the process, at once.</summary>
    [DllImport("libc", EntryPoint = "abort"), SuppressGCTransition]
    public static extern void Abort();

    [DllImport("libc", EntryPoint = "malloc"), SuppressGCTransition]
    public static extern void* Allocate(nuint bytes);

    [DllImport("libc", EntryPoint = "free"), SuppressGCTransition]
    public static extern void Free(void* block);

    [DllImport("libc", EntryPoint = "memalign"), SuppressGCTransition]
    public static extern void* AllocateAligned(nuint alignment, nuint bytes);

    [DllImport("libc", EntryPoint = "getenv"), SuppressGCTransition]
    public static extern byte* GetEnvironment(byte* name);

    /// <summary>
    /// Opens a library of which nobody else is to see anything, and which looks for its own functions in itself first: so its
    /// `operator new` is its own and not the host's, which is waiting for this plugin. Null: <see cref="LastLoadError"/> says why.
    /// </summary>
    public static void* OpenLibrary(byte* path) => Open(path, LoadNow | DeepBind);

    /// <summary>The address of a function of a library; null where it has none of this name.</summary>
    [DllImport("libc", EntryPoint = "dlsym"), SuppressGCTransition]
    public static extern void* FindFunction(void* library, byte* name);

    /// <summary>What went wrong with the library that could not be opened, as a C string; null where nothing did.</summary>
    [DllImport("libc", EntryPoint = "dlerror"), SuppressGCTransition]
    public static extern byte* LastLoadError();

    /// <summary>Writes one line to standard error.</summary>
    public static void Complain(in TextLine line)
    {
        byte* text = stackalloc byte[TextLine.MaxBytes + 1];
        int length = line.CopyTo(text);
        text[length++] = (byte)'\n';
        Write(StandardError, text, (nuint)length);
    }

    /// <summary>Writes one line to standard error.</summary>
    public static void Complain(ReadOnlySpan<byte> message)
    {
        TextLine line = default;
        line.Append(message);
        Complain(line);
    }

    [DllImport("libc", EntryPoint = "mmap"), SuppressGCTransition]
    static extern nint MapPages(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap"), SuppressGCTransition]
    static extern int UnmapPages(void* address, nuint bytes);

    [DllImport("libc", EntryPoint = "mprotect"), SuppressGCTransition]
    static extern int Protect(void* address, nuint bytes, int protection);

    [DllImport("libc", EntryPoint = "dlopen"), SuppressGCTransition]
    static extern void* Open(byte* path, int mode);

    [DllImport("libc", EntryPoint = "write"), SuppressGCTransition]
    static extern nint Write(int file, byte* text, nuint bytes);
}
