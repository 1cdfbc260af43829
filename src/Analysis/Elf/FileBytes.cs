using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lampyris.Analysis;

// A file as an `IByteSource`. Read through a window instead of mapped: a file that shrinks while we read it
// then ends our reading, not our process.
internal sealed unsafe partial class FileBytes : IByteSource, IDisposable
{
    const int WindowBytes = 64 * 1024;
    const int ReadOnly = 0, CloseOnExec = 0x80000;

    readonly SafeFileHandle _file;
    readonly byte[] _window = new byte[WindowBytes];
    ulong _windowOffset;
    int _windowFilled;

    FileBytes(SafeFileHandle file) => _file = file;

    /// <summary>Opens a path of raw bytes, zero at the end. Null with <paramref name="errno"/> when that fails.</summary>
    public static FileBytes? Open(ReadOnlySpan<byte> path, out int errno)
    {
        fixed (byte* p = path)
        {
            int fd = open(p, ReadOnly | CloseOnExec);
            errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            return fd < 0 ? null : new FileBytes(new SafeFileHandle(fd, ownsHandle: true));
        }
    }

    public static FileBytes? Open(string path) => Open(Bytes.OfText(path), out _);

    public bool Read(ulong offset, Span<byte> into)
    {
        if (offset > long.MaxValue) return false;
        if (into.Length > WindowBytes / 4) return ReadAll(offset, into) == into.Length;
        if (offset < _windowOffset || offset + (ulong)into.Length > _windowOffset + (ulong)_windowFilled)
        {
            _windowFilled = ReadAll(offset, _window);
            _windowOffset = offset;
            if (_windowFilled < into.Length) return false;
        }
        _window.AsSpan((int)(offset - _windowOffset), into.Length).CopyTo(into);
        return true;
    }

    /// <summary>How many of the bytes there are at <paramref name="offset"/>: fewer than asked for at the end of the file.</summary>
    public int ReadAll(ulong offset, Span<byte> into)
    {
        int done = 0;
        try
        {
            while (done < into.Length)
            {
                int read = RandomAccess.Read(_file, into[done..], (long)offset + done);
                if (read <= 0) break;
                done += read;
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // A directory, a vanished process or a bad disk: what was read so far is what there is.
        }
        return done;
    }

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", SetLastError = true)] private static partial int open(byte* path, int flags);
}
