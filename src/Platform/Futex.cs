namespace Lampyris;

// Sleep until a word changes, or until a time has passed.
public static unsafe class Futex
{
    const int WaitPrivate = 128, WakePrivate = 129;

    /// <summary>Sleeps while <c>*word == expected</c>, at most <paramref name="milliseconds"/> (negative: no limit). May return early.</summary>
    public static void Wait(int* word, int expected, int milliseconds)
    {
        long* time = stackalloc long[2];
        time[0] = milliseconds / 1000;
        time[1] = milliseconds % 1000 * 1_000_000L;
        Syscall.Invoke(SyscallNumber.Futex, (nint)word, WaitPrivate, expected, milliseconds < 0 ? 0 : (nint)time);
    }

    public static void WakeOne(int* word) => Syscall.Invoke(SyscallNumber.Futex, (nint)word, WakePrivate, 1);
}
