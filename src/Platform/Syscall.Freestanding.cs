using System.Runtime.InteropServices;

namespace Lampyris;

// The raw system call of the .so: never touches errno, which belongs to the program.
public static unsafe partial class Syscall
{
    [DllImport("*", EntryPoint = "lampyris_syscall"), SuppressGCTransition]
    public static extern nint Invoke(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
