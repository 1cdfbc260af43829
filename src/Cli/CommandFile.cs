using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Which file a command name means: what `execvp` would start, found beforehand so that we can look into it.
internal static unsafe class CommandFile
{
    /// <summary>
    /// The path of the file to execute, zero-terminated. Null with <paramref name="errno"/>: `ENOENT` when nothing
    /// of that name is there, `EACCES` when something is but can't be executed.
    /// </summary>
    public static byte[]? Find(ReadOnlySpan<byte> name, byte[]? searchPath, out int errno)
    {
        errno = Linux.ENOENT;
        if (name.IsEmpty) return null;
        if (name.Contains((byte)'/'))
        {
            byte[] path = Bytes.Terminated(name);
            errno = Check(path);
            return errno == 0 ? path : null;
        }

        bool denied = false;
        foreach (byte[] directory in Directories(searchPath))
        {
            byte[] path = Bytes.Terminated(directory.Length == 0 ? name : Bytes.Join(Bytes.Join(directory, "/"u8), name));
            int problem = Check(path);
            if (problem == 0) return path;
            denied |= problem == Linux.EACCES && Linux.TryStatus(path, out _);      // not when only the directory is closed to us
        }
        errno = denied ? Linux.EACCES : Linux.ENOENT;
        return null;
    }

    /// <summary>The entries of PATH; an empty one is the current directory. Unset: what the C library takes then.</summary>
    static List<byte[]> Directories(byte[]? searchPath)
    {
        var directories = new List<byte[]>();
        ReadOnlySpan<byte> rest = searchPath is null ? "/bin:/usr/bin"u8 : searchPath;
        while (true)
        {
            int colon = rest.IndexOf((byte)':');
            directories.Add((colon < 0 ? rest : rest[..colon]).ToArray());
            if (colon < 0) return directories;
            rest = rest[(colon + 1)..];
        }
    }

    /// <summary>0 when the file can be executed, else an errno.</summary>
    static int Check(byte[] path)
    {
        if (!Linux.TryStatus(path, out Linux.FileStatus status)) return Marshal.GetLastPInvokeError();
        if (status.IsDirectory) return Linux.EACCES;
        fixed (byte* p = path) return Linux.access(p, Linux.X_OK) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
