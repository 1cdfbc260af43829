namespace Lampyris;

// System call results are 0 or more, or the negated error number.
public static unsafe partial class Syscall
{
    public const int NoSuchProcess = 3;     // ESRCH
    public const int OutOfMemory = 12;      // ENOMEM
    public const int AlreadyExists = 17;    // EEXIST

    public static nint Invoke(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Invoke(number, a, b, c, d, 0, 0);
}
