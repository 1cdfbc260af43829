using System;
using System.Collections.Generic;
using System.Globalization;
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

    /// <summary>"start-end perms offset major:minor inode   path": false for a line without a file.</summary>
    internal static bool TryParse(string line, out FileMapping mapping)
    {
        mapping = default;
        int slash = line.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return false;
        string[] fields = line[..slash].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5) return false;
        string[] range = fields[0].Split('-');
        if (range.Length != 2) return false;
        if (!TryHex(range[0], out ulong start) || !TryHex(range[1], out ulong end) || !TryHex(fields[2], out ulong offset)) return false;
        if (!ulong.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)) return false;
        mapping = new FileMapping(start, end, offset, inode, line[slash..]);
        return true;
    }

    static bool TryHex(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
