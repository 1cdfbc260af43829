namespace Lampyris;

// Threads as the kernel knows them.
public static unsafe class OsThread
{
    const int SigBlock = 0, ProcessControlSetName = 15;

    /// <summary>The kernel's id of the calling thread; unique among living threads of the system.</summary>
    public static int CurrentId() => (int)Syscall.Invoke(SyscallNumber.GetTid);

    public static int ProcessId() => (int)Syscall.Invoke(SyscallNumber.GetPid);

    public static int ParentProcessId() => (int)Syscall.Invoke(SyscallNumber.GetParentPid);

    public static void Yield() => Syscall.Invoke(SyscallNumber.SchedYield);

    /// <summary>Names the calling thread for `ps` and `top`: up to 15 bytes, ending in 0.</summary>
    public static void SetName(byte* name) => Syscall.Invoke(SyscallNumber.PrCtl, ProcessControlSetName, (nint)name);

    /// <summary>The calling thread's blocked signals, bit n - 1 for signal n.</summary>
    public static ulong BlockedSignals()
    {
        ulong mask = 0;
        Syscall.Invoke(SyscallNumber.SigProcMask, SigBlock, 0, (nint)(&mask), sizeof(ulong));
        return mask;
    }

    /// <summary>Whether a thread of this process with this id is alive (or a zombie).</summary>
    public static bool Exists(int threadId) =>
        Syscall.Invoke(SyscallNumber.TgKill, ProcessId(), threadId, 0) != -Syscall.NoSuchProcess;
}
