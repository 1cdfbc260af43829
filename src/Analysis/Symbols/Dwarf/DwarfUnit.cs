using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>A part of the address space before relocation; the end is not in it.</summary>
internal readonly record struct AddressRange(ulong Start, ulong End)
{
    public bool Contains(ulong address) => address >= Start && address < End;
}

// One unit of `.debug_info`: its header and first entry, read when the file is opened; the rest when it is asked for.
internal sealed class DwarfUnit
{
    const int MaxRanges = 1 << 16;
    const int TypeSkeleton = 4, TypeSplitCompile = 5, TypeType = 2, TypeSplitType = 6;

    readonly DwarfSections _sections;
    readonly ulong _abbreviationsAt, _lowPc, _stringOffsetsBase, _addressesBase, _rangeListsBase;
    DwarfAbbreviations? _abbreviations;
    DwarfLines? _lines;
    bool _linesAreRead;
    DwarfFunctions? _functions;

    DwarfUnit(DwarfSections sections, ulong start, ulong end, ulong entriesAt, ulong abbreviationsAt, DwarfUnitFormat format, DwarfEntry root)
    {
        _sections = sections;
        (Start, End, EntriesAt, _abbreviationsAt, Format) = (start, end, entriesAt, abbreviationsAt, format);
        // Where a unit does not say where its part of these tables begins, it is behind the first header.
        ulong header = format.Is64 ? 16ul : 8ul;
        _stringOffsetsBase = root.StringOffsets.IsPresent ? root.StringOffsets.Number : header;
        _addressesBase = root.Addresses.IsPresent ? root.Addresses.Number : header;
        _rangeListsBase = root.RangeLists.IsPresent ? root.RangeLists.Number : format.Is64 ? 20ul : 12ul;
        _lowPc = Address(root.LowPc);
        Statements = root.Statements.IsPresent ? root.Statements.Number : null;
        Folder = Text(root.Folder);
        Ranges = ReadRanges(root);
    }

    /// <summary>Offsets of `.debug_info`: the unit's header, what is behind it, its first entry.</summary>
    public ulong Start { get; }
    public ulong End { get; }
    public ulong EntriesAt { get; }

    public DwarfUnitFormat Format { get; }

    /// <summary>The folder that the compiler ran in.</summary>
    public string Folder { get; }

    /// <summary>Offset of `.debug_line`; null where the unit has no lines.</summary>
    public ulong? Statements { get; }

    public IReadOnlyList<AddressRange> Ranges { get; }

    public DwarfSections Sections => _sections;

    public DwarfAbbreviations Abbreviations => _abbreviations ??= DwarfAbbreviations.Read(_sections.Abbreviations, _abbreviationsAt, Format);

    public DwarfLines? Lines
    {
        get
        {
            if (_linesAreRead) return _lines;
            _linesAreRead = true;
            return _lines = Statements is { } at ? DwarfLines.Read(_sections, at, Folder, Format.AddressBytes) : null;
        }
    }

    public DwarfFunctions Functions => _functions ??= DwarfFunctions.Read(this);

    /// <summary>The unit whose header is at <paramref name="start"/>, and where the next one begins; null for one without code or that can't be read.</summary>
    public static DwarfUnit? Read(DwarfSections sections, ulong start, out ulong next)
    {
        var reader = new ByteReader(sections.Info);
        reader.Seek(start);
        ulong length = reader.UnitLength(out bool is64);
        next = length > (ulong)reader.Left ? ulong.MaxValue : (ulong)reader.Position + length;
        if (next == ulong.MaxValue || reader.HasFailed) return null;
        int version = reader.U16();
        if (version is < 2 or > 5) return null;
        int type = version >= 5 ? reader.U8() : 0;
        int addressBytes = version >= 5 ? reader.U8() : 0;
        ulong abbreviationsAt = reader.Offset(is64);
        if (version < 5) addressBytes = reader.U8();
        if (type is TypeType or TypeSplitType) return null;
        if (type is TypeSkeleton or TypeSplitCompile) reader.U64();
        var format = new DwarfUnitFormat(version, addressBytes, is64);
        ulong entriesAt = (ulong)reader.Position;
        ulong code = reader.Uleb();
        if (reader.HasFailed || code == 0) return null;
        if (DwarfAbbreviations.Read(sections.Abbreviations, abbreviationsAt, format, code).Find(code) is not { } shape) return null;
        DwarfEntry root = DwarfEntry.Read(ref reader, shape, format);
        return reader.HasFailed ? null : new DwarfUnit(sections, start, next, entriesAt, abbreviationsAt, format, root);
    }

    public string Text(DwarfValue value)
    {
        switch (value.Form)
        {
            case DwarfForm.String: return ByteReader.StringAt(_sections.Info, value.Number);
            case DwarfForm.Strp: return ByteReader.StringAt(_sections.Strings, value.Number);
            case DwarfForm.LineStrp: return ByteReader.StringAt(_sections.LineStrings, value.Number);
            case DwarfForm.StrpSup or DwarfForm.GnuStrpAlt:
                return _sections.Alternate is { } alternate ? ByteReader.StringAt(alternate.Strings, value.Number) : "";
            case DwarfForm.Strx or DwarfForm.Strx1 or DwarfForm.Strx2 or DwarfForm.Strx3 or DwarfForm.Strx4 or DwarfForm.GnuStrIndex:
                int bytes = Format.Is64 ? 8 : 4;
                var offsets = new ByteReader(_sections.StringOffsets);
                if (value.Number > (ulong)offsets.Length) return "";
                offsets.Seek(_stringOffsetsBase + value.Number * (ulong)bytes);
                ulong at = offsets.Offset(Format.Is64);
                return offsets.HasFailed ? "" : ByteReader.StringAt(_sections.Strings, at);
            default: return "";
        }
    }

    /// <summary>An address attribute: the address itself, or its index in `.debug_addr`. 0 where there is none.</summary>
    public ulong Address(DwarfValue value) => value.Form switch
    {
        DwarfForm.Addr => value.Number,
        DwarfForm.Addrx or DwarfForm.Addrx1 or DwarfForm.Addrx2 or DwarfForm.Addrx3 or DwarfForm.Addrx4 or DwarfForm.GnuAddrIndex => AddressAt(value.Number),
        _ => 0,
    };

    ulong AddressAt(ulong index)
    {
        var addresses = new ByteReader(_sections.Addresses);
        if (index > (ulong)addresses.Length) return 0;
        addresses.Seek(_addressesBase + index * (ulong)Format.AddressBytes);
        return addresses.Address(Format.AddressBytes);
    }

    /// <summary>The code of an entry: one range from its low address, or a list. What is at address 0 has been thrown away by the linker.</summary>
    public List<AddressRange> ReadRanges(in DwarfEntry entry)
    {
        var ranges = new List<AddressRange>();
        if (entry.Ranges.IsPresent)
        {
            if (Format.Version >= 5) ReadRangeList(entry.Ranges, ranges);
            else ReadOldRanges(entry.Ranges.Number, ranges);
        }
        else if (entry.LowPc.IsPresent && entry.HighPc.IsPresent)
        {
            ulong low = Address(entry.LowPc);
            bool isAddress = entry.HighPc.Form is DwarfForm.Addr or >= DwarfForm.Addrx1 and <= DwarfForm.Addrx4 or DwarfForm.Addrx;
            Add(ranges, low, isAddress ? Address(entry.HighPc) : low + entry.HighPc.Number);
        }
        return ranges;
    }

    static void Add(List<AddressRange> ranges, ulong start, ulong end)
    {
        if (start != 0 && end > start) ranges.Add(new AddressRange(start, end));
    }

    void ReadOldRanges(ulong offset, List<AddressRange> ranges)
    {
        var reader = new ByteReader(_sections.Ranges);
        reader.Seek(offset);
        ulong origin = _lowPc, select = Format.AddressBytes == 8 ? ulong.MaxValue : (1ul << Math.Min(Format.AddressBytes * 8, 63)) - 1;
        while (!reader.IsAtEnd && ranges.Count < MaxRanges)
        {
            ulong start = reader.Address(Format.AddressBytes), end = reader.Address(Format.AddressBytes);
            if (start == 0 && end == 0) break;
            if (start == select) origin = end;
            else if (!reader.HasFailed) Add(ranges, origin + start, origin + end);
        }
    }

    void ReadRangeList(DwarfValue value, List<AddressRange> ranges)
    {
        const int End = 0, BaseIndex = 1, StartIndexEndIndex = 2, StartIndexLength = 3, OffsetPair = 4, BaseAddress = 5, StartEnd = 6, StartLength = 7;
        var reader = new ByteReader(_sections.RangeLists);
        ulong at = value.Number;
        if (value.Form == DwarfForm.Rnglistx)
        {
            if (value.Number > (ulong)reader.Length) return;
            reader.Seek(_rangeListsBase + value.Number * (Format.Is64 ? 8ul : 4ul));
            at = _rangeListsBase + reader.Offset(Format.Is64);
        }
        reader.Seek(at);
        ulong origin = _lowPc;
        while (!reader.IsAtEnd && ranges.Count < MaxRanges)
        {
            int kind = reader.U8();
            ulong start = 0, end = 0;
            switch (kind)
            {
                case End: return;
                case BaseIndex: origin = AddressAt(reader.Uleb()); continue;
                case BaseAddress: origin = reader.Address(Format.AddressBytes); continue;
                case StartIndexEndIndex: (start, end) = (AddressAt(reader.Uleb()), AddressAt(reader.Uleb())); break;
                case StartIndexLength: start = AddressAt(reader.Uleb()); end = start + reader.Uleb(); break;
                case OffsetPair: start = origin + reader.Uleb(); end = origin + reader.Uleb(); break;
                case StartEnd: start = reader.Address(Format.AddressBytes); end = reader.Address(Format.AddressBytes); break;
                case StartLength: start = reader.Address(Format.AddressBytes); end = start + reader.Uleb(); break;
                default: return;
            }
            if (!reader.HasFailed) Add(ranges, start, end);
        }
    }
}
