using System;
using System.Buffers;
using System.IO;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Lampyris.Analysis;

/// <summary>A source whose bytes can be looked at where they are.</summary>
internal interface IByteArea : IByteSource
{
    /// <summary>Null where the source has fewer bytes, or where they are more than 2 GiB.</summary>
    ReadOnlyMemory<byte>? Slice(ulong offset, ulong bytes);
}

// A whole file, mapped: symbol tables and debug information of hundreds of megabytes, of which a few pages are read.
// Like other tools that map libraries, this one trusts that nobody cuts them off in place; package managers replace them.
internal sealed unsafe class MappedFile : IByteArea, IDisposable
{
    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _start;
    readonly ulong _bytes;

    MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, ulong bytes)
    {
        (_file, _view, _bytes) = (file, view, bytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Null when there is no such file that can be read, or when it is empty.</summary>
    public static MappedFile? Open(string path)
    {
        try
        {
            // A folder, a device or a pipe must not be opened at all.
            if (!File.Exists(path) || new FileInfo(path).Length is not (> 0 and var length)) return null;
            // Others may replace or remove the file meanwhile.
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), (ulong)length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public ulong Length => _bytes;

    public bool Read(ulong offset, Span<byte> into)
    {
        if (offset > _bytes || (ulong)into.Length > _bytes - offset) return false;
        new ReadOnlySpan<byte>(_start + offset, into.Length).CopyTo(into);
        return true;
    }

    public ReadOnlyMemory<byte>? Slice(ulong offset, ulong bytes) =>
        offset > _bytes || bytes > _bytes - offset || bytes > int.MaxValue ? null : new Part(this, _start + offset, (int)bytes).Memory;

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>A part as memory. Holds on to the file, so that it is not unmapped while the part is in use.</summary>
    sealed class Part(MappedFile file, byte* start, int bytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            GC.KeepAlive(file);
            return new Span<byte>(start, bytes);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

/// <summary>Bytes in memory as a source.</summary>
internal sealed class MemoryBytes(ReadOnlyMemory<byte> content) : IByteArea
{
    public bool Read(ulong offset, Span<byte> into)
    {
        if (offset > (ulong)content.Length || into.Length > content.Length - (int)offset) return false;
        content.Span.Slice((int)offset, into.Length).CopyTo(into);
        return true;
    }

    public ReadOnlyMemory<byte>? Slice(ulong offset, ulong bytes) =>
        offset > (ulong)content.Length || bytes > (ulong)content.Length - offset ? null : content.Slice((int)offset, (int)bytes);
}
