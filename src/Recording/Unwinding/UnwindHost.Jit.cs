using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

// What the stack walker asks of its host, under the runtime: of the C library, whose functions are found once. All of them are short
// and wait for nothing, so the runtime need not know of the calls.
static unsafe class UnwindHost
{
    const int ProgramHeadersTag = 3, ProgramHeaderCountTag = 5;

    static readonly delegate* unmanaged[SuppressGCTransition]<ulong, DlFindObject*, int> s_find =
        (delegate* unmanaged[SuppressGCTransition]<ulong, DlFindObject*, int>)Export("_dl_find_object");
    static readonly delegate* unmanaged[SuppressGCTransition]<ulong> s_threadPointer = (delegate* unmanaged[SuppressGCTransition]<ulong>)Export("pthread_self");
    static readonly delegate* unmanaged[SuppressGCTransition]<ulong, ulong> s_auxiliary = (delegate* unmanaged[SuppressGCTransition]<ulong, ulong>)Export("getauxval");
    static readonly byte* s_loader = (byte*)Export("_r_debug");

    /// <summary>Fills in the registers of its caller, see `MachineContext`; null where the C library has no such function.</summary>
    public static readonly delegate* unmanaged[SuppressGCTransition]<byte*, int> GetContext = (delegate* unmanaged[SuppressGCTransition]<byte*, int>)Export("getcontext");

    [ThreadStatic] static OwnStack[]? t_ownStack;

    [StructLayout(LayoutKind.Sequential)]
    struct DlFindObject
    {
        public ulong Flags, Start, End, LinkMap, UnwindIndex;
        public fixed ulong Reserved[8];
    }

    /// <summary>The lowest and highest address of the calling thread's own stack, and how often it was looked for; zeros at first.</summary>
    public static OwnStack* OwnStack()
    {
        // Lies still, and goes when the thread does.
        t_ownStack ??= GC.AllocateArray<OwnStack>(1, pinned: true);
        return (OwnStack*)Unsafe.AsPointer(ref t_ownStack[0]);
    }

    /// <summary>The thread's control block: what the C library calls the thread.</summary>
    public static ulong ThreadPointer() => s_threadPointer == null ? 0 : s_threadPointer();

    /// <summary>Nothing: our methods lie anywhere among those of the program. See `FrameNames`.</summary>
    public static void OwnCode(ulong* start, ulong* end) => *start = *end = 0;

    public static bool CanFindObjects() => s_find != null;

    public static bool FindObject(ulong address, ElfObject* found)
    {
        DlFindObject raw;
        if (s_find(address, &raw) != 0) return false;
        *found = new ElfObject { Start = raw.Start, End = raw.End, UnwindIndex = raw.UnwindIndex, LinkMap = raw.LinkMap };
        return true;
    }

    public static ulong ProgramHeaders(ulong* count)
    {
        *count = s_auxiliary == null ? 0 : s_auxiliary(ProgramHeaderCountTag);
        return s_auxiliary == null ? 0 : s_auxiliary(ProgramHeadersTag);
    }

    public static ulong FirstLinkMap() => s_loader == null ? 0 : *(ulong*)(s_loader + 8);

    public static ulong Ticks() => (ulong)Stopwatch.GetTimestamp();

    // By way of the program, whose names are those of all libraries that it began with.
    static nint Export(string name) => NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), name, out nint address) ? address : 0;
}
