namespace Lampyris;

// The kernel's clock that nobody sets, by a system call: for the purger, which calls nothing of the C library.
public static unsafe class OsClock
{
    const int Monotonic = 1;

    public static long Milliseconds
    {
        get
        {
            long* time = stackalloc long[2];
            Syscall.Invoke(SyscallNumber.ClockGetTime, Monotonic, (nint)time);
            return time[0] * 1000 + time[1] / 1_000_000;
        }
    }
}
