using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Lampyris.Cli;

internal enum MemoryAreaKind
{
    /// <summary>What `brk` made: the area that the kernel calls [heap].</summary>
    BrkHeap,

    /// <summary>Mapped, without a file: what an allocator takes with `mmap`.</summary>
    Mapped,

    /// <summary>Mapped behind a guard: the stacks of threads.</summary>
    ThreadStack,
}

/// <summary>All areas of one kind in a process.</summary>
internal readonly record struct MemoryArea(MemoryAreaKind Kind, int Count, ulong SizeBytes, ulong ResidentBytes);

// /proc/PID/smaps, reduced to the memory in which blocks of a heap can lie: private, writable, with no file behind it. What
// directly follows a file's own data is that file's zeroed data (.bss), and not counted.
internal static class MemoryAreas
{
    readonly record struct Mapping(MapsLine Line, ulong ResidentBytes);

    /// <summary>One entry a kind, also where there is none of it. Throws what opening and reading a file throws.</summary>
    public static IReadOnlyList<MemoryArea> Read(int processId)
    {
        using var reader = new StreamReader(new FileStream($"/proc/{processId}/smaps", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 64 * 1024));
        return Parse(reader);
    }

    internal static IReadOnlyList<MemoryArea> Parse(TextReader smaps)
    {
        var areas = Enum.GetValues<MemoryAreaKind>().ToDictionary(kind => kind, kind => new MemoryArea(kind, 0, 0, 0));
        var mappings = new List<Mapping>();
        while (smaps.ReadLine() is { } line)
        {
            if (MapsLine.TryParse(line, out MapsLine read)) mappings.Add(new Mapping(read, 0));
            else if (mappings.Count > 0 && line.StartsWith("Rss:", StringComparison.Ordinal)) mappings[^1] = mappings[^1] with { ResidentBytes = Kibibytes(line) * 1024 };
        }
        for (int i = 0; i < mappings.Count; i++)
        {
            (MapsLine each, ulong residentBytes) = mappings[i];
            if (Kind(each, i > 0 ? mappings[i - 1].Line : default) is not { } kind) continue;
            MemoryArea sum = areas[kind];
            areas[kind] = new MemoryArea(kind, sum.Count + 1, sum.SizeBytes + (each.End - each.Start), sum.ResidentBytes + residentBytes);
        }
        return [.. areas.Values];
    }

    static MemoryAreaKind? Kind(in MapsLine each, in MapsLine before)
    {
        if (!each.Access.StartsWith("rw", StringComparison.Ordinal) || !each.Access.EndsWith('p')) return null;
        if (each.Name == "[heap]") return MemoryAreaKind.BrkHeap;
        if (each.Name.Length > 0 && !each.Name.StartsWith("[anon", StringComparison.Ordinal)) return null;
        bool isAdjacent = before.End == each.Start && before.End != 0;
        if (isAdjacent && before.Name.StartsWith('/')) return null;
        const ulong MostGuardBytes = 64 * 1024;
        bool isGuarded = isAdjacent && before.Access.StartsWith("---", StringComparison.Ordinal) && before.End - before.Start <= MostGuardBytes;
        return isGuarded ? MemoryAreaKind.ThreadStack : MemoryAreaKind.Mapped;
    }

    static ulong Kibibytes(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && ulong.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && value < ulong.MaxValue / 1024 ? value : 0;
    }
}
