using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>One file that the loader of a process has loaded.</summary>
/// <param name="Bias">What is added to the addresses of the file.</param>
/// <param name="DynamicAddress">Where its dynamic section is.</param>
internal readonly record struct LinkMapEntry(ulong Bias, ulong DynamicAddress);

// The loader's own list of what it has loaded, in the order in which it looks for symbols. It is there for debuggers:
// a word of the program's dynamic section (DT_DEBUG) leads to `struct r_debug`, and that to a list of `struct link_map`.
internal static class LinkMap
{
    const int MaxEntries = 4096;

    /// <summary>The list, the program first; empty when the process has none, or none that makes sense.</summary>
    /// <param name="debugWord">The final address of the program's DT_DEBUG word.</param>
    public static List<LinkMapEntry> Read(IByteSource memory, ulong debugWord)
    {
        var entries = new List<LinkMapEntry>();
        // struct r_debug { int r_version; struct link_map *r_map; … }
        if (Word(memory, debugWord) is not { } debug || debug == 0 || Word(memory, debug + 8) is not { } next) return entries;
        // struct link_map { Elf64_Addr l_addr; char *l_name; Elf64_Dyn *l_ld; struct link_map *l_next, *l_prev; … }
        Span<byte> entry = stackalloc byte[32];
        while (next != 0 && entries.Count < MaxEntries && memory.Read(next, entry))
        {
            entries.Add(new LinkMapEntry(BinaryPrimitives.ReadUInt64LittleEndian(entry), BinaryPrimitives.ReadUInt64LittleEndian(entry[16..])));
            next = BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]);
        }
        return entries;
    }

    static ulong? Word(IByteSource memory, ulong address)
    {
        Span<byte> word = stackalloc byte[8];
        return memory.Read(address, word) ? BinaryPrimitives.ReadUInt64LittleEndian(word) : null;
    }
}
