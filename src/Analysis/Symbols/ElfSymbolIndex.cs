using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// All functions of a file's symbol tables, sorted by address. Names stay in the file until they are asked for.
internal sealed class ElfSymbolIndex
{
    const int SymbolBytes = 24;

    /// <param name="Rank">of several names for one address the lowest is taken</param>
    readonly record struct Symbol(ulong Start, ulong Bytes, ulong NameAt, int Rank, ushort Section);

    readonly IByteArea _file;
    readonly List<Symbol> _symbols = [];
    readonly List<ulong> _ends = []; // of all symbols up to this one, the highest end

    public ElfSymbolIndex(IByteArea file, ElfFile elf)
    {
        _file = file;
        bool hasFull = false;
        foreach (ElfSection section in elf.Sections) hasFull |= section.Type == ElfSection.SymbolTable;
        foreach (ElfSection section in elf.Sections)
            if (section.Type == ElfSection.SymbolTable || (section.Type == ElfSection.DynamicSymbols && !hasFull)) Add(elf, section);
        _symbols.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Rank.CompareTo(a.Rank));
        ulong end = 0;
        foreach (Symbol symbol in _symbols) _ends.Add(end = Math.Max(end, symbol.Start + symbol.Bytes));
    }

    public int Count => _symbols.Count;

    void Add(ElfFile elf, ElfSection table)
    {
        const int TypeNone = 0, TypeFunction = 2, TypeIndirectFunction = 10, BindingLocal = 0, BindingWeak = 2;
        if (table.Link >= elf.Sections.Count || _file.Slice(table.Offset, table.Bytes) is not { } bytes) return;
        ElfSection names = elf.Sections[(int)table.Link];
        var reader = new ByteReader(bytes.Span);
        for (int i = 0; i < bytes.Length / SymbolBytes; i++)
        {
            uint name = reader.U32();
            byte info = reader.U8();
            reader.U8();
            ushort section = reader.U16();
            ulong start = reader.U64(), size = reader.U64();
            int type = info & 15, binding = info >> 4;
            if (type is not (TypeNone or TypeFunction or TypeIndirectFunction) || section == 0 || section >= elf.Sections.Count) continue;
            if ((elf.Sections[section].Flags & ElfSection.Executable) == 0 || name == 0 || name >= names.Bytes) continue;
            if (start + size < start || !ElfFile.TryAdd(names.Offset, name, out ulong nameAt)) continue;
            int rank = (size == 0 ? 8 : 0) + (type == TypeNone ? 4 : 0) + (binding == BindingLocal ? 2 : binding == BindingWeak ? 1 : 0);
            _symbols.Add(new Symbol(start, size, nameAt, rank, section));
        }
    }

    /// <summary>The function at an address before relocation, still mangled, and where it begins; null where none is known.</summary>
    /// <remarks>A symbol without a size, as hand-written assembly has them, counts up to the next one of its section.</remarks>
    public (string Name, ulong Start)? Find(ulong address, ElfFile elf)
    {
        int low = 0, high = _symbols.Count - 1, last = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_symbols[middle].Start <= address) (last, low) = (middle, middle + 1);
            else high = middle - 1;
        }
        if (last < 0) return null;
        for (int i = last; i >= 0 && _ends[i] > address; i--)
            if (address - _symbols[i].Start < _symbols[i].Bytes) return (NameOf(_symbols[i]), _symbols[i].Start);
        Symbol nearest = _symbols[last];
        if (nearest.Bytes != 0 || nearest.Section >= elf.Sections.Count) return null;
        ElfSection section = elf.Sections[nearest.Section];
        return address >= section.Address && address - section.Address < section.Bytes ? (NameOf(nearest), nearest.Start) : null;
    }

    string NameOf(Symbol symbol)
    {
        const int MaxNameBytes = 64 * 1024;
        Span<byte> piece = stackalloc byte[256];
        for (int bytes = piece.Length; bytes <= MaxNameBytes; bytes *= 4)
        {
            Span<byte> name = bytes <= piece.Length ? piece : new byte[bytes];
            int length = name.Length;
            while (length > 0 && !_file.Read(symbol.NameAt, name[..length])) length--;
            if (name[..length].Contains((byte)0) || length < name.Length) return Bytes.ToText(name[..length]);
        }
        return "";
    }
}
