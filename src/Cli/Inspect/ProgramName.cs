using System;
using System.Buffers.Binary;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The name by which a process's program was started. Its file may be called otherwise: redis-server is a link to redis-check-rdb. The
// kernel leaves the name it was given to the loader (AT_EXECFN); a program that writes itself another title leaves that alone.
internal static class ProgramName
{
    const ulong ExecutedName = 31;      // AT_EXECFN
    const int MaxBytes = 4096;          // of a path

    /// <summary>The path as it was given to the kernel, where it is absolute and still leads to the file; else <paramref name="file"/>.</summary>
    public static string Of(int processId, string file, IByteSource memory)
    {
        string name = Given(processId, memory);
        bool isSame = name.StartsWith('/')
            && Linux.TryStatus(Bytes.OfText($"/proc/{processId}/root{name}"), out Linux.FileStatus given)
            && Linux.TryStatus(Bytes.OfText($"/proc/{processId}/exe"), out Linux.FileStatus executed) && given.Inode == executed.Inode;
        return isSame ? name : file;
    }

    static string Given(int processId, IByteSource memory)
    {
        const int EntryBytes = 16;
        byte[] vector;
        try
        {
            vector = File.ReadAllBytes($"/proc/{processId}/auxv");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
        for (int at = 0; at + EntryBytes <= vector.Length; at += EntryBytes)
            if (BinaryPrimitives.ReadUInt64LittleEndian(vector.AsSpan(at)) == ExecutedName) return Text(memory, BinaryPrimitives.ReadUInt64LittleEndian(vector.AsSpan(at + EntryBytes / 2)));
        return "";
    }

    // It lies at the very end of the stack, where a read of many bytes would fail.
    static string Text(IByteSource memory, ulong address)
    {
        Span<byte> text = stackalloc byte[MaxBytes];
        for (int i = 0; i < text.Length; i++)
        {
            if (!memory.Read(address + (ulong)i, text.Slice(i, 1))) return "";
            if (text[i] == 0) return Bytes.ToText(text[..i]);
        }
        return "";
    }
}
