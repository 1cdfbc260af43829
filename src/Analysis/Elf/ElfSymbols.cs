using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// A symbol table, the dynamic one or the full one, reduced to the symbols whose names are wanted.
internal static class ElfSymbols
{
    const int SymbolBytes = 24;
    const ulong MaxSymbols = 1 << 24;

    /// <summary>The wanted symbols by their number in the table; <paramref name="nameOffsets"/> is what `NameSet.Find` found.</summary>
    public static Dictionary<uint, ElfSymbol> Read(IByteSource source, ulong offset, ulong count, Dictionary<uint, string> nameOffsets)
    {
        var found = new Dictionary<uint, ElfSymbol>();
        if (nameOffsets.Count == 0) return found;
        BytePieces.ForEach(source, offset, Math.Min(count, MaxSymbols), SymbolBytes, (index, entry) =>
        {
            if (!nameOffsets.TryGetValue(BinaryPrimitives.ReadUInt32LittleEndian(entry), out string? name)) return;
            int binding = entry[4] >> 4, visibility = entry[5] & 3;
            const int Internal = 1, Hidden = 2;
            const ushort Undefined = 0;
            bool isDefined = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) != Undefined;
            ulong address = isDefined ? BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]) : 0;
            bool isHidden = binding == (int)ElfBinding.Local || visibility is Internal or Hidden;
            found[index] = new ElfSymbol(name, isDefined, (ElfBinding)binding, isHidden, address);
        });
        return found;
    }

    /// <summary>The wanted symbols of the table that `strip` takes away; empty where it is gone.</summary>
    public static IReadOnlyCollection<ElfSymbol> ReadFull(IByteSource file, ElfFile elf, NameSet names) =>
        elf.FullTable is not { } table ? []
            : Read(file, table.Offset, table.Bytes / SymbolBytes, names.Find(file, table.StringOffset, table.StringBytes)).Values;
}
