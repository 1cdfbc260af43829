using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>A heap can't be read: the message is one line for the user.</summary>
internal sealed class LiveHeapException(string message) : Exception(message);

// The heap of a running process: found once, then read as often as wanted.
internal sealed class LiveHeap : IDisposable
{
    const int Tries = 5;

    readonly int _processId;
    readonly ProcessMemory _memory;
    readonly nuint _root;

    LiveHeap(int processId, ProcessMemory memory, nuint root) => (_processId, _memory, _root) = (processId, memory, root);

    /// <summary>Throws `LiveHeapException` when there is no heap of ours to be read.</summary>
    public static LiveHeap Open(int processId)
    {
        if (ProcessStatus.Read(processId) is not { } status) throw Gone(processId);
        if (status.HasEnded) throw new LiveHeapException($"process {processId} has ended and waits for its parent");
        var memory = new ProcessMemory(processId);
        try
        {
            if (HeapLocator.FindRoot(processId, memory) is { } root)
            {
                CheckVersion(processId, memory, (nuint)root);
                return new LiveHeap(processId, memory, (nuint)root);
            }
            throw new LiveHeapException($"process {processId} ({Name(processId)}) does not run on Lampyris");
        }
        catch (Exception problem)
        {
            memory.Dispose();
            if (problem is UnauthorizedAccessException || problem is IOException && ProcessStatus.Read(processId) is not null)
                throw Denied(processId, status);
            if (problem is IOException) throw Gone(processId);
            throw;
        }
    }

    /// <summary>What the process is called.</summary>
    public string ProgramName => Name(_processId);

    /// <summary>The heap's root as it is now, without the table behind it. Throws `LiveHeapException`.</summary>
    public unsafe HeapRoot ReadRoot()
    {
        HeapRoot root = default;
        if (!_memory.Read(_root, &root, HeapRoot.TableOffset)) throw new LiveHeapException($"process {_processId} has ended");
        return root;
    }

    /// <summary>Writes into the heap's root. Throws `LiveHeapException`.</summary>
    public void WriteRoot(long offset, ReadOnlySpan<byte> bytes)
    {
        if (!_memory.Write(_root + (nuint)offset, bytes)) throw new LiveHeapException($"the memory of process {_processId} can't be written: {Linux.ErrorText(_memory.LastError)}; try sudo");
    }

    /// <summary>Throws `LiveHeapException` when the process has ended, or executed something else.</summary>
    public unsafe LiveReport Read()
    {
        var view = new ProcessMemory.View(_memory);
        for (int i = 0; i < Tries; i++)
        {
            long taken = Stopwatch.GetTimestamp();
            if (ProcessStatus.Read(_processId) is not { RssBytes: > 0 } status) break;
            // A heap that changes under our eyes can look broken for a moment.
            HeapSnapshot heap;
            if (!HeapStats.TryRead(_root, ref view, &heap)) continue;
            return new LiveReport
            {
                ProcessId = _processId,
                Program = Name(_processId),
                RssBytes = status.RssBytes,
                PeakRssBytes = status.PeakRssBytes,
                ThreadCount = status.ThreadCount,
                Heap = HeapFigures.From(heap),
                Taken = taken,
            };
        }
        throw ProcessStatus.Read(_processId) is not { RssBytes: > 0 } ? new LiveHeapException($"process {_processId} has ended")
            : new LiveHeapException($"the heap of process {_processId} can't be read: it executed another program, or its memory is damaged");
    }

    /// <summary>The root begins with a magic number and a version, in every version.</summary>
    static void CheckVersion(int processId, IByteSource memory, nuint root)
    {
        Span<byte> start = stackalloc byte[12];
        if (!memory.Read(root, start))
        {
            if (ProcessStatus.Read(processId) is not { } status) throw Gone(processId);
            throw Denied(processId, status);
        }
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(start);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (magic == 0) throw new LiveHeapException($"process {processId} has Lampyris loaded, but has not allocated anything yet");
        if (magic != HeapSnapshot.MagicNumber) throw new LiveHeapException($"process {processId} has a heap that is not ours");
        if (version != HeapRoot.CurrentVersion)
            throw new LiveHeapException($"process {processId} runs on another version of Lampyris (heap format {version}, this program reads {HeapRoot.CurrentVersion})");
    }

    internal static LiveHeapException Gone(int processId) => new($"no process {processId}");

    internal static LiveHeapException Denied(int processId, ProcessStatus status)
    {
        string why = status.UserId != Linux.geteuid() ? $"it belongs to user {status.UserId}; try sudo" : "the system, or the process itself, forbids to debug it; try sudo";
        return new LiveHeapException($"no permission to read process {processId}: {why}");
    }

    /// <summary>What the process is called: by the kernel, in 15 bytes, or in full where its file begins so.</summary>
    static string Name(int processId)
    {
        Span<byte> bytes = stackalloc byte[64];
        using FileBytes? file = FileBytes.Open($"/proc/{processId}/comm");
        if (file is null) return "?";
        string name = Bytes.ToText(bytes[..file.ReadAll(0, bytes)]).TrimEnd('\n'), program = Path.GetFileName(HeapLocator.ProgramPath(processId));
        return program.StartsWith(name, StringComparison.Ordinal) ? program : name;
    }

    public void Dispose() => _memory.Dispose();
}
