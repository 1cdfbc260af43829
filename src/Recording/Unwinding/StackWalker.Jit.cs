using System.Runtime.CompilerServices;

namespace Lampyris;

// Under the runtime there is no function of ours that could read the registers: the C library's `getcontext` does, whose caller is in the
// frame that it describes and has to stay there while it is walked from. So `Capture` calls it by itself, which only
// optimized code does without a stub in between.
//
// To stop a thread for a collection, the runtime may replace the return address of the method that runs at that moment, and puts it back once
// the thread has stopped. A call that is no `SuppressGCTransition` stops it: right behind one, the addresses are the true ones.
// A collection that begins just then costs a second walk.
static unsafe partial class StackWalker
{
    const int Attempts = 3;

    /// <summary>Whether stacks can be had at all: with the GNU C library.</summary>
    public static bool IsSupported => UnwindHost.GetContext != null;

    /// <summary>
    /// Fills in return addresses, innermost first, from this method's own on; returns how many. See `FrameNames` for those that nobody wants to see.
    /// <paramref name="complete"/>: they go up to the thread's start.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Capture(ulong* addresses, int capacity, out bool complete)
    {
        byte* context = stackalloc byte[MachineContext.Bytes];
        UnwindRegisters registers;
        delegate* unmanaged[SuppressGCTransition]<byte*, int> getContext = UnwindHost.GetContext;
        complete = false;
        int depth = 0;
        for (int attempt = 0; attempt < Attempts && !complete && depth < capacity; attempt++)
        {
            OsThread.CurrentId();
            getContext(context);
            MachineContext.Read(context, &registers);
            depth = Walk(&registers, addresses, capacity, out complete);
        }
        return depth;
    }
}
