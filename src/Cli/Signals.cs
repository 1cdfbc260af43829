using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// Signal numbers (the same on x86-64 and arm64), their names, and the set that `run` takes in hand.
internal static class Signals
{
    public const int Hup = 1, Int = 2, Quit = 3, Usr1 = 10, Usr2 = 12, Pipe = 13, Alrm = 14, Term = 15, Chld = 17,
        Cont = 18, Stop = 19, Tstp = 20, Ttin = 21, Ttou = 22, Winch = 28, Pwr = 30;

    public const int Last = 64;

    /// <summary>
    /// Blocked in every thread of ours while a command runs, and taken one by one by `Supervisor`. The root script
    /// has the same list: a thread of the .NET runtime can't be told to block a signal later.
    /// </summary>
    public const ulong Supervised = 1ul << Hup - 1 | 1ul << Int - 1 | 1ul << Quit - 1 | 1ul << Usr1 - 1 | 1ul << Usr2 - 1
        | 1ul << Alrm - 1 | 1ul << Term - 1 | 1ul << Chld - 1 | 1ul << Cont - 1 | 1ul << Tstp - 1
        | 1ul << Ttin - 1 | 1ul << Ttou - 1 | 1ul << Winch - 1 | 1ul << Pwr - 1;

    public static ulong Bit(int signal) => 1ul << signal - 1;

    /// <summary>"SIGSEGV (Segmentation fault)", as far as the number has a name.</summary>
    public static unsafe string Describe(int signal)
    {
        string? name = Marshal.PtrToStringUTF8((nint)Linux.sigabbrev_np(signal));
        string? words = Marshal.PtrToStringUTF8((nint)Linux.strsignal(signal));
        return name is null ? $"signal {signal}" : $"SIG{name} ({words})";
    }
}
