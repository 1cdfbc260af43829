using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Lampyris.Analysis;

/// <summary>What is at a given offset: a file, or the image of one in another process.</summary>
internal interface IByteSource
{
    /// <summary>Fills all of <paramref name="into"/>, or returns false.</summary>
    bool Read(ulong offset, Span<byte> into);
}

/// <summary>A symbol table of a source and the strings it takes its names from; nothing of it is checked yet.</summary>
internal readonly record struct ElfTable(ulong Offset, ulong Bytes, ulong StringOffset, ulong StringBytes);

/// <summary>One entry of the section table.</summary>
/// <param name="Address">before relocation; 0 where it is not loaded</param>
internal readonly record struct ElfSection(string Name, uint Type, ulong Flags, ulong Address, ulong Offset, ulong Bytes, uint Link, uint Info)
{
    public const uint SymbolTable = 2, StringTable = 3, Rela = 4, NoBits = 8, DynamicSymbols = 11;
    public const ulong Allocated = 2, Executable = 4, Compressed = 0x800;
}

// A careful reader of ELF files, just large enough to answer: who loads this program, where is that symbol, what is in
// that section?
// Files come from anywhere and may be damaged or hostile: every offset and count is checked, every loop is bounded,
// and whatever does not make sense reads as "not there". 64-bit little-endian files are read further than the header.
internal sealed class ElfFile
{
    public const ushort TypeExecutable = 2, TypeShared = 3;
    public const ushort MachineX64 = 62, MachineArm64 = 183;
    const int HeaderBytes = 64, ProgramHeaderBytes = 56, SectionHeaderBytes = 64, SymbolBytes = 24;
    const int MaxProgramHeaders = 512, MaxSections = 65_535;
    const ulong MaxTableBytes = 1ul << 30;
    const int MaxSectionNameBytes = 64, MaxNoteBytes = 64 * 1024;
    const uint PtLoad = 1, PtDynamic = 2, PtInterp = 3, PtNote = 4;
    const uint ShtSymtab = 2, ShtDynsym = 11;

    readonly IByteSource _source;
    readonly ulong _sectionOffset;
    readonly int _sectionCount, _sectionStep;
    readonly uint _namesIndex;
    readonly List<(ulong Offset, ulong Address, ulong FileBytes)> _segments = [];
    readonly List<(ulong Offset, ulong Bytes)> _notes = [];
    List<ElfSection>? _sections;

    ElfFile(IByteSource source, bool is64, ushort type, ushort machine, ulong sectionOffset, int sectionCount, int sectionStep, uint namesIndex)
    {
        _source = source;
        (Is64Bit, Type, Machine) = (is64, type, machine);
        (_sectionOffset, _sectionCount, _sectionStep, _namesIndex) = (sectionOffset, sectionCount, sectionStep, namesIndex);
    }

    public bool Is64Bit { get; }
    public ushort Type { get; }
    public ushort Machine { get; }

    /// <summary>The dynamic loader the program asks for; empty when it asks for none.</summary>
    public string Interpreter { get; private set; } = "";

    /// <summary>The first loaded segment: where it is in the file and where it wants to be.</summary>
    public (ulong Offset, ulong Address)? FirstLoad { get; private set; }

    /// <summary>Every loaded segment that the file has bytes for, in the order of the file's own list.</summary>
    public IReadOnlyList<(ulong Offset, ulong Address, ulong FileBytes)> Segments => _segments;

    /// <summary>The dynamic section: its address before relocation and its bytes. Null in a plain static program.</summary>
    public (ulong Address, ulong Bytes)? Dynamic { get; private set; }

    /// <summary>Null when the source does not begin with an ELF header that makes sense.</summary>
    public static ElfFile? Read(IByteSource source)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        if (!source.Read(0, header[..52]) || !header.StartsWith("\u007FELF"u8)) return null;
        bool is64 = header[4] == 2, isLittle = header[5] == 1;
        if (!isLittle && header[5] != 2) return null;
        ushort type = U16(header[16..], isLittle), machine = U16(header[18..], isLittle);
        if (!is64 || !isLittle) return header[4] is 1 or 2 ? new ElfFile(source, is64, type, machine, 0, 0, 0, 0) : null;
        if (!source.Read(0, header)) return null;

        var elf = new ElfFile(source, true, type, machine,
            U64(header[40..]), U16(header[60..]), U16(header[58..]), U16(header[62..]));
        elf.ReadProgramHeaders(U64(header[32..]), U16(header[56..]), U16(header[54..]));
        return elf;
    }

    /// <summary>The machine of this very process, as ELF numbers it.</summary>
    public static ushort HostMachine => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => MachineX64,
        Architecture.Arm64 => MachineArm64,
        _ => 0,
    };

    void ReadProgramHeaders(ulong offset, int count, int step)
    {
        if (step < ProgramHeaderBytes || count > MaxProgramHeaders) return;
        Span<byte> entry = stackalloc byte[ProgramHeaderBytes];
        for (int i = 0; i < count; i++)
        {
            if (!TryAdd(offset, (ulong)i * (ulong)step, out ulong at) || !_source.Read(at, entry)) return;
            ulong fileOffset = U64(entry[8..]), address = U64(entry[16..]), fileBytes = U64(entry[32..]);
            switch (BinaryPrimitives.ReadUInt32LittleEndian(entry))
            {
                case PtLoad:
                    FirstLoad ??= (fileOffset, address);
                    if (fileBytes > 0) _segments.Add((fileOffset, address, fileBytes));
                    break;
                case PtDynamic:
                    Dynamic = (address, fileBytes);
                    break;
                case PtNote when fileBytes > 0:
                    _notes.Add((fileOffset, fileBytes));
                    break;
                case PtInterp when fileBytes is > 1 and <= 4096:
                    byte[] name = new byte[fileBytes];
                    if (_source.Read(fileOffset, name)) Interpreter = Bytes.ToText(name);
                    break;
            }
        }
    }

    /// <summary>The address, before relocation, of a symbol that this file defines, from whichever symbol table it still has.</summary>
    public ulong? FindSymbol(ReadOnlySpan<byte> name) =>
        FindInSections(name, ShtDynsym) ?? FindInSections(name, ShtSymtab);

    ulong? FindInSections(ReadOnlySpan<byte> name, uint tableType)
    {
        foreach (ElfTable table in Tables(tableType))
            if (FindInTable(name, table.Offset, table.Bytes, table.StringOffset, table.StringBytes) is { } found) return found;
        return null;
    }

    /// <summary>The table of all symbols, which `strip` takes away. Null when there is none.</summary>
    public ElfTable? FullTable => Tables(ShtSymtab) is [var table, ..] ? table : null;

    List<ElfTable> Tables(uint tableType)
    {
        var tables = new List<ElfTable>();
        if (_sectionStep < SectionHeaderBytes || _sectionCount > MaxSections) return tables;
        Span<byte> section = stackalloc byte[SectionHeaderBytes];
        Span<byte> strings = stackalloc byte[SectionHeaderBytes];
        for (int i = 0; i < _sectionCount; i++)
        {
            if (!ReadSection((uint)i, section)) break;
            if (U32(section[4..]) != tableType) continue;
            if (!ReadSection(U32(section[40..]), strings)) continue;
            tables.Add(new ElfTable(U64(section[24..]), U64(section[32..]), U64(strings[24..]), U64(strings[32..])));
        }
        return tables;
    }

    /// <summary>The section table, names and all; empty where the file has none that makes sense.</summary>
    public IReadOnlyList<ElfSection> Sections => _sections ??= ReadSections();

    List<ElfSection> ReadSections()
    {
        var sections = new List<ElfSection>();
        if (_sectionStep < SectionHeaderBytes || _sectionCount > MaxSections) return sections;
        Span<byte> entry = stackalloc byte[SectionHeaderBytes];
        byte[] name = new byte[MaxSectionNameBytes];
        ulong namesAt = ReadSection(_namesIndex, entry) ? U64(entry[24..]) : ulong.MaxValue;
        for (int i = 0; i < _sectionCount && ReadSection((uint)i, entry); i++)
        {
            int length = name.Length;
            bool isNamed = TryAdd(namesAt, U32(entry), out ulong at);
            while (isNamed && length > 0 && !_source.Read(at, name.AsSpan(0, length))) length /= 2;
            sections.Add(new ElfSection(isNamed ? Bytes.ToText(name.AsSpan(0, length)) : "", U32(entry[4..]), U64(entry[8..]), U64(entry[16..]),
                U64(entry[24..]), U64(entry[32..]), U32(entry[40..]), U32(entry[44..])));
        }
        return sections;
    }

    /// <summary>The build ID, as the linker noted it. Null where there is none.</summary>
    public byte[]? ReadBuildId()
    {
        foreach ((ulong offset, ulong bytes) in _notes)
        {
            byte[] notes = new byte[Math.Min(bytes, MaxNoteBytes)];
            if (!_source.Read(offset, notes)) continue;
            for (int at = 0; at + 12 <= notes.Length;)
            {
                const uint BuildIdType = 3;
                uint nameBytes = U32(notes.AsSpan(at)), dataBytes = U32(notes.AsSpan(at + 4)), type = U32(notes.AsSpan(at + 8));
                ulong dataAt = (ulong)at + 12 + ((nameBytes + 3ul) & ~3ul), end = dataAt + ((dataBytes + 3ul) & ~3ul);
                if (dataAt + dataBytes > (ulong)notes.Length) break;
                if (type == BuildIdType && nameBytes == 4 && notes.AsSpan(at + 12, 4).SequenceEqual("GNU\0"u8))
                    return notes.AsSpan((int)dataAt, (int)dataBytes).ToArray();
                if (end > (ulong)notes.Length) break;
                at = (int)end;
            }
        }
        return null;
    }

    bool ReadSection(uint index, Span<byte> into) =>
        index < (uint)_sectionCount
        && TryAdd(_sectionOffset, index * (ulong)_sectionStep, out ulong at)
        && _source.Read(at, into);

    /// <summary>Scans a symbol table a piece at a time, so that a table's stated size never decides how much we allocate.</summary>
    ulong? FindInTable(ReadOnlySpan<byte> name, ulong offset, ulong bytes, ulong stringOffset, ulong stringBytes)
    {
        if (bytes > MaxTableBytes || stringBytes > MaxTableBytes) return null;
        Span<byte> candidate = name.Length <= 255 ? stackalloc byte[name.Length + 1] : new byte[name.Length + 1];
        byte[] piece = new byte[SymbolBytes * 2048];
        for (ulong done = 0; done + SymbolBytes <= bytes;)
        {
            ulong take = Math.Min((ulong)piece.Length, (bytes - done) / SymbolBytes * SymbolBytes);
            if (!TryAdd(offset, done, out ulong at) || !_source.Read(at, piece.AsSpan(0, (int)take))) return null;
            for (int i = 0; i < (int)take; i += SymbolBytes)
            {
                ReadOnlySpan<byte> symbol = piece.AsSpan(i, SymbolBytes);
                const ushort Undefined = 0;
                if (U16(symbol[6..]) == Undefined) continue;
                ulong nameAt = BinaryPrimitives.ReadUInt32LittleEndian(symbol);
                if (nameAt + (ulong)candidate.Length > stringBytes) continue;
                if (!TryAdd(stringOffset, nameAt, out ulong nameOffset) || !_source.Read(nameOffset, candidate)) continue;
                if (candidate[^1] == 0 && candidate[..^1].SequenceEqual(name)) return U64(symbol[8..]);
            }
            done += take;
        }
        return null;
    }

    internal static bool TryAdd(ulong a, ulong b, out ulong sum)
    {
        sum = a + b;
        return sum >= a;
    }

    static ushort U16(ReadOnlySpan<byte> at, bool isLittle = true) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    static uint U32(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32LittleEndian(at);

    static ulong U64(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt64LittleEndian(at);
}
