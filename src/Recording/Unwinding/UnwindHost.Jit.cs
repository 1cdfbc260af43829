using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lampyris;

// What the stack walker asks of its host, under the runtime: for tests of its parts, which look at loaded objects and at registers of
// the test's making. There is no walk of the caller's own stack here: the runtime hides the registers.
static unsafe class UnwindHost
{
    static readonly OwnStack* s_ownStack = (OwnStack*)NativeMemory.AllocZeroed((nuint)sizeof(OwnStack));

    [StructLayout(LayoutKind.Sequential)]
    struct DlFindObject
    {
        public ulong Flags, Start, End, LinkMap, UnwindIndex;
        public fixed ulong Reserved[8];
    }

    [DllImport("libc", EntryPoint = "_dl_find_object")]
    static extern int DlFind(ulong address, DlFindObject* found);

    public static OwnStack* OwnStack() => s_ownStack;

    public static ulong ThreadPointer() => 0;

    public static void OwnCode(ulong* start, ulong* end) => *start = *end = 0;

    public static bool CanFindObjects() => true;

    public static bool FindObject(ulong address, ElfObject* found)
    {
        DlFindObject raw;
        if (DlFind(address, &raw) != 0) return false;
        *found = new ElfObject { Start = raw.Start, End = raw.End, UnwindIndex = raw.UnwindIndex, LinkMap = raw.LinkMap };
        return true;
    }

    public static ulong ProgramHeaders(ulong* count) => *count = 0;

    public static ulong FirstLinkMap() => *(ulong*)((byte*)NativeLibrary.GetExport(NativeLibrary.Load("ld-linux-x86-64.so.2"), "_r_debug") + 8);

    public static ulong Ticks() => (ulong)Stopwatch.GetTimestamp();

    public static void Registers(UnwindRegisters* into) => throw new NotSupportedException("the runtime hides the registers");
}
