using System.Runtime.InteropServices;

namespace Lampyris;

// The system call under the runtime: through libc, its errno folded into the result.
public static unsafe partial class Syscall
{
    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    static extern nint LibcSyscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    public static nint Invoke(nint number, nint a, nint b, nint c, nint d, nint e, nint f)
    {
        if (SyscallRefusal.Strikes(number)) return -OutOfMemory;
        nint result = LibcSyscall(number, a, b, c, d, e, f);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }
}
