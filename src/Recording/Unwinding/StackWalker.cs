namespace Lampyris;

// The way from a call of malloc up to the thread's start, as return addresses. Runs inside malloc and in signal handlers: takes no
// lock, allocates nothing, and whatever state the stack is in, it ends and does not fault.
//
// A step from a frame to its caller, on x86-64 (`StackWalker.X64.cs`), asks in this order:
//  1. `RuleCache`: what was found out about this place in the code before
//  2. `EhFrame`: the unwind information of ELF objects
//  3. `ManagedCode`: that of code which .NET's runtime made or loaded
//  4. nobody knows: then rbp is taken for a frame pointer, if the code before the return address is a call
// On arm64 there is only 4.
static unsafe partial class StackWalker
{
    /// <summary>Addresses that one walk gives at most.</summary>
    public const int MaxDepth = 256;

    const int MostSignalFrames = 8;

    /// <summary>
    /// Fills in return addresses, innermost first, from the first frame outside of this library on; returns how many.
    /// The address of code that a signal interrupted is given plus 1, so that for all of them the address minus 1 lies in the call or
    /// in the interrupted instruction. <paramref name="complete"/>: they go up to the thread's start.
    /// </summary>
    public static int Capture(ulong* addresses, int capacity, out bool complete)
    {
        UnwindRegisters registers;
        UnwindHost.Registers(&registers);
        return Walk(&registers, addresses, capacity, out complete);
    }
}
