using System.Threading;

namespace Lampyris;

// Lets a test play a system that is out of memory: every nth call that maps, unmaps or advises fails.
public static class SyscallRefusal
{
    static int s_calls;

    /// <summary>0: none fails; 1: every one does; n: every nth, over all threads.</summary>
    public static int Every { get; set; }

    /// <summary>Calls that were refused so far.</summary>
    public static int Count { get; private set; }

    internal static bool Strikes(nint number)
    {
        if (Every == 0) return false;
        if (number is not (SyscallNumber.Mmap or SyscallNumber.Munmap or SyscallNumber.Mremap or SyscallNumber.Madvise)) return false;
        if (Interlocked.Increment(ref s_calls) % Every != 0) return false;
        Count++;
        return true;
    }
}
