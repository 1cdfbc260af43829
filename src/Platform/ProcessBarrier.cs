namespace Lampyris;

// A full memory barrier on every running thread of the process, paid for by the caller alone: what the
// caller wrote before is seen by whatever another thread reads after.
public static class ProcessBarrier
{
    const int PrivateExpedited = 8, RegisterPrivateExpedited = 16;

    /// <summary>To be called once before <see cref="Issue"/>. False where the kernel has no such thing (before 4.14).</summary>
    public static bool Register() => Syscall.Invoke(SyscallNumber.Membarrier, RegisterPrivateExpedited) == 0;

    public static bool Issue() => Syscall.Invoke(SyscallNumber.Membarrier, PrivateExpedited) == 0;
}
