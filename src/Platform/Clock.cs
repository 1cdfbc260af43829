namespace Lampyris;

// Time that only moves forward.
public static unsafe class Clock
{
    const int Monotonic = 1;

    public static long Milliseconds()
    {
        long* time = stackalloc long[2];
        Syscall.Invoke(SyscallNumber.ClockGetTime, Monotonic, (nint)time);
        return time[0] * 1000 + time[1] / 1_000_000;
    }
}
