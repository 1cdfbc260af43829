namespace Lampyris;

// The kernel's clocks by a system call: for those who call nothing of the C library.
public static unsafe class OsClock
{
    /// <summary>The time of day, since 1970.</summary>
    public const int RealTime = 0;
    /// <summary>That nobody sets.</summary>
    public const int Monotonic = 1;

    /// <summary>Nanoseconds of one of them.</summary>
    public static ulong Ns(int clock)
    {
        long* time = stackalloc long[2];
        Syscall.Invoke(SyscallNumber.ClockGetTime, clock, (nint)time);
        return (ulong)(time[0] * 1_000_000_000 + time[1]);
    }

    public static long MonotonicMs => (long)(Ns(Monotonic) / 1_000_000);
}
