using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

// Reads memory that may not be there: the calling thread's own stack directly, everything else through the kernel, which copies what is
// mapped and refuses the rest. A small window is kept, since frames lie side by side.
[StructLayout(LayoutKind.Sequential)]
unsafe struct SafeMemory
{
    const int WindowBytes = 1024;
    const int NotPermitted = 1, NotImplemented = 38;        // EPERM, ENOSYS

    ulong _low, _high;                          // readable directly; [low, high)
    ulong _windowStart;
    int _windowLength;
    fixed byte _window[WindowBytes];

    /// <summary>Nothing can be read directly yet, and the window is empty. Its bytes are left as they are.</summary>
    public void Start()
    {
        _low = _high = _windowStart = 0;
        _windowLength = 0;
    }

    /// <summary>Everything in [low, high) stays readable while this is in use.</summary>
    public void ReadDirectly(ulong low, ulong high)
    {
        _low = low;
        _high = high;
    }

    public bool TryRead(ulong address, out ulong value)
    {
        if (address >= _low && address <= _high - 8 && _high != 0)
        {
            value = *(ulong*)address;
            return true;
        }
        return TryReadFar(address, out value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    bool TryReadFar(ulong address, out ulong value)
    {
        value = 0;
        if (address + 8 < address) return false;
        fixed (byte* window = _window)
        {
            if (address < _windowStart || address + 8 > _windowStart + (uint)_windowLength)
            {
                _windowStart = address;
                _windowLength = Copy(address, window, WindowBytes);
                if (_windowLength < 8)
                {
                    _windowLength = 0;
                    return false;
                }
            }
            value = *(ulong*)(window + (address - _windowStart));
        }
        return true;
    }

    /// <summary>Copies bytes of this process's memory, wherever they are; returns how many there were to read, 0 when none.</summary>
    public static int Copy(ulong address, byte* into, int bytes)
    {
        // A transfer ends before the first part of a piece that can't be read, so the second piece is what lies in the next OS page.
        int first = (int)(OsMemory.OsPage - (address & (OsMemory.OsPage - 1)));
        if (first > bytes) first = bytes;
        ulong* local = stackalloc ulong[2];
        ulong* remote = stackalloc ulong[4];
        local[0] = (ulong)into;
        local[1] = (ulong)bytes;
        remote[0] = address;
        remote[1] = (ulong)first;
        remote[2] = address + (ulong)first;
        remote[3] = (ulong)(bytes - first);
        nint got = Syscall.Invoke(SyscallNumber.ProcessVmReadV, Syscall.Invoke(SyscallNumber.GetPid), (nint)local, 1, (nint)remote, bytes > first ? 2 : 1, 0);
        if (got is -NotPermitted or -NotImplemented) return CopyFromFile(address, into, bytes);
        return got < 0 ? 0 : (int)got;
    }

    // Containers may forbid the system call. The file is slower: it has to be opened.
    static int CopyFromFile(ulong address, byte* into, int bytes)
    {
        int file;
        fixed (byte* path = "/proc/self/mem\0"u8) file = OsFile.OpenForReading(path);
        if (file < 0) return 0;
        int got = OsFile.ReadAt(file, address, into, bytes);
        OsFile.Close(file);
        return got < 0 ? 0 : got;
    }
}
