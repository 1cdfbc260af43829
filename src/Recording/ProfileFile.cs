namespace Lampyris;

/// <summary>
/// A file that grows at its end, through a mapping: what is written survives the process, without a system call for each
/// record. No descriptor stays open, since programs close those they do not know. Under the recorder's lock.
/// </summary>
public unsafe struct ProfileFile
{
    const int WindowBytes = Units.MiB;
    const int CurrentDirectory = -100;
    const int CreateNew = 0x80000 | 0x80 | 0x40 | 2, OpenForBoth = 0x80000 | 2;       // O_CLOEXEC, O_EXCL, O_CREAT, O_RDWR
    const int OwnerMayReadAndWrite = 384;
    const int ReadWrite = 3, Shared = 1;
    const int FileSizeLimit = 1;

    byte* _path;                        // the caller's, as long as the file is open
    byte* _window;                      // null: not open
    long _windowOffset;                 // where it begins in the file
    nuint _used;

    public readonly bool IsOpen => _window != null;

    /// <summary>True when there was no room to go on; nothing is written from then on.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public readonly long Length => _windowOffset + (long)_used;

    /// <summary>Makes a file that was not there. 0, or a negated error number.</summary>
    public int Create(byte* path)
    {
        nint file = Syscall.Invoke(SyscallNumber.OpenAt, CurrentDirectory, (nint)path, CreateNew, OwnerMayReadAndWrite);
        if (file < 0) return (int)file;
        this = default;
        _path = path;
        int error = MapWindow(file, 0);
        Syscall.Invoke(SyscallNumber.Close, file);
        if (error != 0) Syscall.Invoke(SyscallNumber.UnlinkAt, CurrentDirectory, (nint)path, 0);
        return error;
    }

    /// <summary>From now on the path is there.</summary>
    public void MovePath(byte* path) => _path = path;

    /// <summary>Appends bytes. The first of them is written last, so that a record is there as a whole or not at all, as long as it does not cross into the next window.</summary>
    public void Append(byte* bytes, nuint count)
    {
        while (count > WindowBytes - _used)
        {
            nuint part = WindowBytes - _used;
            RawMemory.Copy(bytes, _window + _used, part);
            _used += part;
            bytes += part;
            count -= part;
            if (!NextWindow()) return;
        }
        if (count == 0 || IsBroken) return;
        RawMemory.Copy(bytes + 1, _window + _used + 1, count - 1);
        System.Threading.Volatile.Write(ref _window[_used], bytes[0]);
        _used += count;
    }

    /// <summary>Gives up: what was to come next can't be made.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Closes the file, cut to what was written.</summary>
    public void Close()
    {
        if (_window == null) return;
        OsMemory.Unmap(_window, WindowBytes);
        Syscall.Invoke(SyscallNumber.Truncate, (nint)_path, (nint)Length);
        this = default;
    }

    /// <summary>Lets go of a file that is another process's.</summary>
    public void Abandon()
    {
        if (_window != null) OsMemory.Unmap(_window, WindowBytes);
        this = default;
    }

    bool NextWindow()
    {
        nint file = Syscall.Invoke(SyscallNumber.OpenAt, CurrentDirectory, (nint)_path, OpenForBoth);
        byte* before = _window;
        int error = file < 0 ? (int)file : MapWindow(file, _windowOffset + WindowBytes);
        if (file >= 0) Syscall.Invoke(SyscallNumber.Close, file);
        if (error == 0) OsMemory.Unmap(before, WindowBytes);
        else IsBroken = true;
        return error == 0;
    }

    int MapWindow(nint file, long offset)
    {
        // Beyond `ulimit -f` the kernel sends a signal that ends the process.
        nuint* limits = stackalloc nuint[2];
        if (Syscall.Invoke(SyscallNumber.GetRlimit, FileSizeLimit, (nint)limits) == 0 && limits[0] < (nuint)(offset + WindowBytes)) return -ErrorNumber.NoSpace;
        // Blocks of the disk first: a mapping that runs out of them ends the process by a signal.
        nint error = Syscall.Invoke(SyscallNumber.FAllocate, file, 0, (nint)offset, WindowBytes);
        if (error == -ErrorNumber.NotSupported) error = Fill(file, offset);
        if (error < 0) return (int)error;
        nint window = Syscall.Invoke(SyscallNumber.Mmap, 0, WindowBytes, ReadWrite, Shared, file, (nint)offset);
        if (window is < 0 and > -4096) return (int)window;
        _window = (byte*)window;
        _windowOffset = offset;
        _used = 0;
        return 0;
    }

    // For file systems that can't be asked for blocks: writes zeros.
    static nint Fill(nint file, long offset)
    {
        byte* zeros = stackalloc byte[OsMemory.OsPage / 4];
        for (int i = 0; i < OsMemory.OsPage / 4; i++) zeros[i] = 0;
        for (long at = 0; at < WindowBytes; at += OsMemory.OsPage / 4)
        {
            nint written = Syscall.Invoke(SyscallNumber.PWrite, file, (nint)zeros, OsMemory.OsPage / 4, (nint)(offset + at));
            if (written != OsMemory.OsPage / 4) return written < 0 ? written : -ErrorNumber.NoSpace;
        }
        return 0;
    }
}
