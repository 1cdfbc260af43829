using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

// The CPU time of the calling thread.
static unsafe class ThreadClock
{
    const int ThreadCpuTime = 3;        // CLOCK_THREAD_CPUTIME_ID

    [DllImport("libc", EntryPoint = "clock_gettime")]
    static extern int GetTime(int clock, long* secondsAndNanoseconds);

    public static double CpuSeconds()
    {
        long* time = stackalloc long[2];
        _ = GetTime(ThreadCpuTime, time);
        return time[0] + time[1] * 1e-9;
    }
}
