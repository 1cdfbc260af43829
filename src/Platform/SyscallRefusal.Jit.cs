using System.Threading;

namespace Lampyris;

// Lets a test of this repository play a system that is out of memory: every nth call that maps, unmaps or advises fails. Nobody else
// can reach it; a call asks for it by one comparison, where a system call costs hundreds of times that.
internal static class SyscallRefusal
{
    static int s_calls;

    /// <summary>0: none fails; 1: every one does; n: every nth, over all threads.</summary>
    public static int Every { get; set; }

    /// <summary>Calls that were refused so far.</summary>
    public static int Count { get; private set; }

    public static bool Strikes(nint number)
    {
        if (Every == 0) return false;
        if (number is not (SyscallNumber.Mmap or SyscallNumber.Munmap or SyscallNumber.Mremap or SyscallNumber.Madvise)) return false;
        if (Interlocked.Increment(ref s_calls) % Every != 0) return false;
        Count++;
        return true;
    }
}
