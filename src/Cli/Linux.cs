using System;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// The system calls and C library functions the command line needs, as the kernel and glibc declare them.
// Only 64-bit Linux: `long` is 8 bytes, `sigset_t` begins with the 64 signals as one bit each.
internal static unsafe partial class Linux
{
    const string C = "libc";

    // errno
    public const int ENOENT = 2, EPERM = 1, ESRCH = 3, EINTR = 4, ENOEXEC = 8, EACCES = 13, ENOTDIR = 20, EAGAIN = 11, ELOOP = 40;

    // wait4
    public const int WNOHANG = 1, WUNTRACED = 2;

    // posix_spawnattr_setflags
    public const short POSIX_SPAWN_SETSIGDEF = 4, POSIX_SPAWN_SETSIGMASK = 8;

    // pthread_sigmask
    public const int SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2;

    // signal dispositions
    public const nint SIG_DFL = 0, SIG_IGN = 1;

    public const int RLIMIT_NOFILE = 7;
    public const int O_RDONLY = 0, O_CLOEXEC = 0x80000;
    public const int X_OK = 1;

    /// <summary>Set in `siginfo_t.si_code` by the kernel itself, for a key on the terminal for example.</summary>
    public const int SI_KERNEL = 0x80;

    /// <summary>A `sigset_t`: glibc's 128 bytes, of which the kernel knows the first 8.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct SignalSet
    {
        public ulong Bits;
    }

    /// <summary>The start of `siginfo_t`, for signals that a process sent.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInfo
    {
        [FieldOffset(0)] public int Signal;
        [FieldOffset(8)] public int Code;
        [FieldOffset(16)] public int SenderProcessId;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public long Seconds, Microseconds;
        public readonly double TotalSeconds => Seconds + Microseconds / 1e6;
    }

    /// <summary>`struct rusage`: the fields we read, then the rest of its 144 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    public struct ResourceUsage
    {
        public TimeValue User, System;
        public long MaxRssKibibytes;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft, Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Bytes;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort Rows, Columns, PixelWidth, PixelHeight;
    }

    [LibraryImport(C)] public static partial int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** argv, byte** envp);
    [LibraryImport(C)] public static partial int posix_spawnattr_init(void* attributes);
    [LibraryImport(C)] public static partial int posix_spawnattr_destroy(void* attributes);
    [LibraryImport(C)] public static partial int posix_spawnattr_setflags(void* attributes, short flags);
    [LibraryImport(C)] public static partial int posix_spawnattr_setsigdefault(void* attributes, SignalSet* signals);
    [LibraryImport(C)] public static partial int posix_spawnattr_setsigmask(void* attributes, SignalSet* signals);
    [LibraryImport(C)] public static partial int posix_spawn_file_actions_init(void* fileActions);
    [LibraryImport(C)] public static partial int posix_spawn_file_actions_destroy(void* fileActions);
    [LibraryImport(C)] public static partial int posix_spawn_file_actions_addclose(void* fileActions, int fd);
    [LibraryImport(C, SetLastError = true)] public static partial int execve(byte* path, byte** argv, byte** envp);

    [LibraryImport(C, SetLastError = true)] public static partial int wait4(int pid, int* status, int options, ResourceUsage* usage);
    [LibraryImport(C, SetLastError = true)] public static partial int kill(int pid, int signal);
    [LibraryImport(C)] public static partial nint signal(int signal, nint handler);
    [LibraryImport(C)] public static partial int pthread_sigmask(int how, SignalSet* set, SignalSet* old);
    [LibraryImport(C, SetLastError = true)] public static partial int sigtimedwait(SignalSet* set, SignalInfo* info, TimeSpec* timeout);

    [LibraryImport(C)] public static partial byte* sigabbrev_np(int signal);
    [LibraryImport(C)] public static partial byte* strsignal(int signal);

    [LibraryImport(C)] public static partial int getppid();
    [LibraryImport(C)] public static partial int getpgrp();
    [LibraryImport(C)] public static partial int getpgid(int pid);
    [LibraryImport(C)] public static partial uint getuid();
    [LibraryImport(C)] public static partial uint getgid();
    [LibraryImport(C)] public static partial uint geteuid();
    [LibraryImport(C)] public static partial int tcgetpgrp(int fd);
    [LibraryImport(C)] public static partial int isatty(int fd);
    [LibraryImport(C, EntryPoint = "ioctl")] public static partial int ioctl_window(int fd, nuint request, WindowSize* size);
    [LibraryImport(C, SetLastError = true)] public static partial int prlimit(int pid, int resource, ResourceLimit* next, ResourceLimit* old);

    [LibraryImport(C, SetLastError = true)] public static partial int open(byte* path, int flags);
    [LibraryImport(C)] public static partial int close(int fd);
    [LibraryImport(C, SetLastError = true)] public static partial int access(byte* path, int mode);
    [LibraryImport(C, SetLastError = true)] public static partial nint getxattr(byte* path, byte* name, void* value, nuint bytes);
    [LibraryImport(C, SetLastError = true)] public static partial nint write(int fd, byte* data, nuint bytes);
    [LibraryImport(C)] public static partial byte* mkdtemp(byte* template);
    [LibraryImport(C, SetLastError = true)] public static partial int statx(int directory, byte* path, int flags, uint mask, FileStatus* status);
    [LibraryImport(C, SetLastError = true)] public static partial nint process_vm_readv(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);
    [LibraryImport(C, SetLastError = true)] public static partial nint process_vm_writev(int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    /// <summary>`struct statx`: the same on every architecture, unlike `struct stat`.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(20)] public uint UserId;
        [FieldOffset(24)] public uint GroupId;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong SizeBytes;

        public readonly bool IsRegular => (Mode & 0xF000) == 0x8000;
        public readonly bool IsDirectory => (Mode & 0xF000) == 0x4000;
        public readonly bool IsSetUser => (Mode & 0x800) != 0;
        public readonly bool IsSetGroup => (Mode & 0x400) != 0;
    }

    /// <summary>The status of a file, symbolic links followed; false with errno when there is none.</summary>
    public static bool TryStatus(ReadOnlySpan<byte> path, out FileStatus status)
    {
        const int CurrentDirectory = -100;
        const uint BasicStatus = 0x7FF;
        fixed (byte* p = path)
        fixed (FileStatus* s = &status)
            return statx(CurrentDirectory, p, 0, BasicStatus, s) == 0;
    }

    /// <summary>The C library's words for <paramref name="errno"/>, such as "Permission denied".</summary>
    public static string ErrorText(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
