namespace Lampyris;

static unsafe partial class StackWalker
{
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
