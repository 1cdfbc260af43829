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
}
