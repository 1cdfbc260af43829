using System;

namespace Lampyris;

// Whole small files, for the few that are ever touched; none of them is opened at start.
public static unsafe class OsFile
{
    const int CurrentDirectory = -100;
    const int ReadCloseOnExec = 0x80000, WriteCreateTruncateCloseOnExec = 0x80000 | 0x200 | 0x40 | 1, OwnerMayReadAndWrite = 384;

    /// <summary>Reads the beginning of a file; returns its bytes, or a negated error number.</summary>
    public static int Read(byte* path, byte* into, int capacity)
    {
        int file = OpenForReading(path);
        if (file < 0) return file;
        int length = ReadNext(file, into, capacity);
        Close(file);
        return length;
    }

    /// <summary>As <see cref="Read(byte*, byte*, int)"/>, of a path that ends in a zero.</summary>
    public static int Read(ReadOnlySpan<byte> path, byte* into, int capacity)
    {
        fixed (byte* start = path) return Read(start, into, capacity);
    }

    /// <summary>A file descriptor, or a negated error number.</summary>
    public static int OpenForReading(byte* path) => (int)Syscall.Invoke(SyscallNumber.OpenAt, CurrentDirectory, (nint)path, ReadCloseOnExec);

    /// <summary>Reads on where the last call ended; returns bytes, 0 at the end, or a negated error number.</summary>
    public static int ReadNext(int file, byte* into, int capacity) => (int)Syscall.Invoke(SyscallNumber.Read, file, (nint)into, capacity);

    /// <summary>Reads from a place in the file; otherwise as <see cref="ReadNext"/>.</summary>
    public static int ReadAt(int file, ulong offset, byte* into, int capacity) => (int)Syscall.Invoke(SyscallNumber.PRead, file, (nint)into, capacity, (nint)offset);

    public static void Close(int file) => Syscall.Invoke(SyscallNumber.Close, file);

    /// <summary>Where a link leads, without a zero behind it; returns its bytes, or a negated error number.</summary>
    public static int ReadLink(ReadOnlySpan<byte> path, byte* into, int capacity)
    {
        fixed (byte* start = path) return (int)Syscall.Invoke(SyscallNumber.ReadLinkAt, CurrentDirectory, (nint)start, (nint)into, capacity);
    }

    /// <summary>Puts a file in the place of another one. False when that fails.</summary>
    public static bool Rename(byte* from, byte* to) =>
        Syscall.Invoke(SyscallNumber.RenameAt2, CurrentDirectory, (nint)from, CurrentDirectory, (nint)to, 0, 0) == 0;

    public static void Delete(byte* path) => Syscall.Invoke(SyscallNumber.UnlinkAt, CurrentDirectory, (nint)path, 0);

    /// <summary>Replaces a file's content by <paramref name="bytes"/> in one write. False when that fails.</summary>
    public static bool Write(byte* path, void* from, nint bytes)
    {
        nint file = Syscall.Invoke(SyscallNumber.OpenAt, CurrentDirectory, (nint)path, WriteCreateTruncateCloseOnExec, OwnerMayReadAndWrite);
        if (file < 0) return false;
        nint written = Syscall.Invoke(SyscallNumber.Write, file, (nint)from, bytes);
        Syscall.Invoke(SyscallNumber.Close, file);
        return written == bytes;
    }
}
