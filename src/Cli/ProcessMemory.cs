using System;
using System.Runtime.InteropServices;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The memory of another process, read from outside: it is not stopped, and does not notice.
// `process_vm_readv` first; where that call is not to be had (an old kernel, a seccomp filter), /proc/PID/mem.
internal sealed unsafe class ProcessMemory : IByteSource, IDisposable
{
    readonly int _processId;
    FileBytes? _file;
    bool _callRefused;

    public ProcessMemory(int processId) => _processId = processId;

    /// <summary>errno of the last read that failed: `ESRCH` when the process is gone, `EPERM` when we may not.</summary>
    public int LastError { get; private set; }

    /// <summary>Fills <paramref name="into"/>, or returns false.</summary>
    public bool Read(nuint address, void* into, nuint bytes)
    {
        if (bytes == 0) return true;
        if (!_callRefused)
        {
            var local = new Linux.IoVector { Base = into, Bytes = bytes };
            var remote = new Linux.IoVector { Base = (void*)address, Bytes = bytes };
            nint read = Linux.process_vm_readv(_processId, &local, 1, &remote, 1, 0);
            if (read == (nint)bytes) return true;
            LastError = read < 0 ? Marshal.GetLastPInvokeError() : 0;
            const int ENOSYS = 38;
            if (read >= 0 || LastError is not (ENOSYS or Linux.EPERM)) return false;
            _callRefused = true;
        }

        _file ??= FileBytes.Open(Bytes.OfText($"/proc/{_processId}/mem"), out _);
        return _file is not null && bytes <= int.MaxValue
            && _file.ReadAll(address, new Span<byte>(into, (int)bytes)) == (int)bytes;
    }

    /// <summary>Writes all of it, or returns false.</summary>
    public bool Write(nuint address, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            var local = new Linux.IoVector { Base = p, Bytes = (nuint)bytes.Length };
            var remote = new Linux.IoVector { Base = (void*)address, Bytes = (nuint)bytes.Length };
            nint written = Linux.process_vm_writev(_processId, &local, 1, &remote, 1, 0);
            LastError = written < 0 ? Marshal.GetLastPInvokeError() : 0;
            return written == bytes.Length;
        }
    }

    bool IByteSource.Read(ulong offset, Span<byte> into)
    {
        fixed (byte* p = into) return Read((nuint)offset, p, (nuint)into.Length);
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>The same memory in the shape that the heap's own reader takes: a struct, so that it costs no interface call.</summary>
    public readonly struct View(ProcessMemory memory) : IProcessMemory
    {
        public bool Read(nuint address, void* into, nuint bytes) => memory.Read(address, into, bytes);
    }
}
