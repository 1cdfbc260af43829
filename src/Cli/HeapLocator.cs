using System;
using System.Collections.Generic;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Finds Lampyris in another process: the library, or the program that it was linked into, and the root of its heap.
internal static class HeapLocator
{
    /// <summary>The data symbol that every build of the heap exports.</summary>
    public static ReadOnlySpan<byte> RootSymbol => "lampyris_root"u8;

    /// <summary>The address of the heap's root in the process, or null when there is no Lampyris in it. Throws as `ProcessMaps.Read`.</summary>
    public static ulong? FindRoot(int processId, ProcessMemory memory)
    {
        List<FileMapping> mappings = ProcessMaps.Read(processId);
        foreach (FileMapping mapping in mappings)
        {
            bool isLibrary = mapping.Offset == 0 && mapping.FileName.StartsWith("liblampyris", StringComparison.Ordinal);
            if (isLibrary && RootIn(processId, mapping, memory) is { } root) return root;
        }

        // Linked statically: the root is in the program itself.
        string program = ProgramPath(processId);
        foreach (FileMapping mapping in mappings)
            if (mapping.Offset == 0 && mapping.Path == program && RootIn(processId, mapping, memory) is { } root) return root;
        return null;
    }

    static ulong? RootIn(int processId, FileMapping mapping, ProcessMemory memory)
    {
        using FileBytes? file = OpenMapped(processId, mapping);
        if (file is not null && ElfFile.Read(file) is { FirstLoad: { } load } elf && elf.FindSymbol(RootSymbol) is { } address)
            return elf.Type == ElfFile.TypeExecutable ? address : address + mapping.Start - (load.Address - load.Offset);
        return ElfImage.FindSymbol(memory, mapping.Start, RootSymbol);
    }

    /// <summary>The very file that is mapped, which its path may no longer lead to; it may also be in another mount namespace.</summary>
    internal static FileBytes? OpenMapped(int processId, FileMapping mapping)
    {
        if (mapping.Path == ProgramPath(processId)) return FileBytes.Open($"/proc/{processId}/exe");
        string[] ways = [$"/proc/{processId}/root{mapping.Path}", $"/proc/{processId}/map_files/{mapping.Start:x}-{mapping.End:x}"];
        foreach (string way in ways)
        {
            // Only the inode is compared: for the device, layered file systems tell different things in different places.
            if (Linux.TryStatus(Bytes.OfText(way), out Linux.FileStatus status) && mapping.Inode == status.Inode
                && FileBytes.Open(way) is { } file) return file;
        }
        return null;
    }

    /// <summary>The file the process executes; empty when that is not to be known.</summary>
    public static string ProgramPath(int processId)
    {
        try
        {
            return new FileInfo($"/proc/{processId}/exe").LinkTarget ?? "";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
