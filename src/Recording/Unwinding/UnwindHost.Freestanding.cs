using System.Runtime.InteropServices;

namespace Lampyris;

// What the stack walker asks of the C half (src/Preload/Unwind.c).
static unsafe class UnwindHost
{
    /// <summary>The lowest and highest address of the calling thread's own stack, and how often it was looked for; zeros at first.</summary>
    [DllImport("*", EntryPoint = "lampyris_own_stack"), SuppressGCTransition]
    public static extern OwnStack* OwnStack();

    /// <summary>The thread's control block, which the C library puts at the top of a stack that it made.</summary>
    [DllImport("*", EntryPoint = "lampyris_thread_pointer"), SuppressGCTransition]
    public static extern ulong ThreadPointer();

    /// <summary>The range of the library's own code.</summary>
    [DllImport("*", EntryPoint = "lampyris_own_code"), SuppressGCTransition]
    public static extern void OwnCode(ulong* start, ulong* end);

    /// <summary>The loaded object that an address lies in, found without a lock. False when there is none, or no way to find it.</summary>
    [DllImport("*", EntryPoint = "lampyris_find_object"), SuppressGCTransition]
    public static extern bool FindObject(ulong address, ElfObject* found);

    /// <summary>Whether <see cref="FindObject"/> can find anything at all: glibc 2.35 and later.</summary>
    [DllImport("*", EntryPoint = "lampyris_can_find_objects"), SuppressGCTransition]
    public static extern bool CanFindObjects();

    /// <summary>The program's own headers and their number.</summary>
    [DllImport("*", EntryPoint = "lampyris_program_headers"), SuppressGCTransition]
    public static extern ulong ProgramHeaders(ulong* count);

    /// <summary>The first of the loader's objects, the program; 0 where the loader shows none.</summary>
    [DllImport("*", EntryPoint = "lampyris_first_link_map"), SuppressGCTransition]
    public static extern ulong FirstLinkMap();

    /// <summary>A clock that rises by some thousand million in a second.</summary>
    [DllImport("*", EntryPoint = "lampyris_ticks"), SuppressGCTransition]
    public static extern ulong Ticks();

    /// <summary>Fills in the registers that calls preserve, the stack pointer and the address behind this call.</summary>
    [DllImport("*", EntryPoint = "lampyris_registers"), SuppressGCTransition]
    public static extern void Registers(UnwindRegisters* into);
}
