using System;
using System.Collections.Generic;
using System.IO;

namespace Lampyris.Cli;

/// <summary>One line of /proc/PID/maps that has a file behind it.</summary>
internal readonly record struct FileMapping(ulong Start, ulong End, ulong Offset, ulong Inode, string Path)
{
    const string DeletedMark = " (deleted)";

    public bool IsDeleted => Path.EndsWith(DeletedMark, StringComparison.Ordinal);
    public string FileName => System.IO.Path.GetFileName(IsDeleted ? Path[..^DeletedMark.Length] : Path);
}

// /proc/PID/maps: which files a process has mapped, and where.
internal static class ProcessMaps
{
    /// <summary>The file mappings in order of address. Throws what opening and reading a file throws; empty for a zombie.</summary>
    public static List<FileMapping> Read(int processId)
    {
        var mappings = new List<FileMapping>();
        using var reader = new StreamReader(new FileStream($"/proc/{processId}/maps", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 64 * 1024));
        while (reader.ReadLine() is { } line)
            if (TryParse(line, out FileMapping mapping)) mappings.Add(mapping);
        return mappings;
    }

    /// <summary>False for a line without a file.</summary>
    internal static bool TryParse(string line, out FileMapping mapping)
    {
        mapping = default;
        if (!MapsLine.TryParse(line, out MapsLine read) || !read.Name.StartsWith('/')) return false;
        mapping = new FileMapping(read.Start, read.End, read.Offset, read.Inode, read.Name);
        return true;
    }
}
