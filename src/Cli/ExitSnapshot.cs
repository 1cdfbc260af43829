using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// The heap's last figures, which a process on Lampyris writes at its end to a file of ours. Only the command itself
// does: its parent is this process; its children inherit the variable and see that it is not meant for them.
internal sealed class ExitSnapshot : IDisposable
{
    public const string VariableName = "LAMPYRIS_EXIT_SNAPSHOT";

    readonly string _directory;

    ExitSnapshot(string directory) => _directory = directory;

    /// <summary>Null when there is no temporary directory to write to: the report then has the last look's figures.</summary>
    public static ExitSnapshot? Create()
    {
        try
        {
            return new ExitSnapshot(Directory.CreateTempSubdirectory("lampyris-run-").FullName);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    string FilePath => Path.Combine(_directory, "heap");

    /// <summary>"PARENTPID:PATH"</summary>
    public string VariableValue => $"{Environment.ProcessId}:{FilePath}";

    /// <summary>Null when the process left without writing it: by a signal, by a system call of its own, or in another root directory.</summary>
    public (HeapSnapshot Heap, ProcessStatus? Status)? Read(int processId)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(FilePath);
            int size = Marshal.SizeOf<HeapSnapshot>();
            if (bytes.Length < size) return null;
            HeapSnapshot heap = MemoryMarshal.Read<HeapSnapshot>(bytes);
            bool isOfThisCommand = heap.Magic == HeapSnapshot.MagicNumber && heap.Version == HeapSnapshot.CurrentVersion && heap.ProcessId == (uint)processId;
            return isOfThisCommand ? (heap, ProcessStatus.Parse(bytes.AsSpan(size))) : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_directory, recursive: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Left behind in the temporary directory: no reason to spoil the command's exit.
        }
    }
}
