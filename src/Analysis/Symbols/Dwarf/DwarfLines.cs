using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// The line table of one unit: the program of `.debug_line`, versions 2 to 5, run once to rows that can be searched.
internal sealed class DwarfLines
{
    const int MaxRows = 1 << 24, MaxFiles = 1 << 20;

    readonly record struct Row(ulong Address, int File, int Line);

    readonly record struct Sequence(ulong Start, ulong End, int FirstRow, int RowCount);

    readonly List<Row> _rows = [];
    readonly List<Sequence> _sequences = [];
    readonly List<string> _folders = [];
    readonly List<(string Name, int Folder)> _files = [];
    readonly Dictionary<int, string> _paths = [];
    readonly string _unitFolder;
    int _firstFile; // 0 from version 5 on, 1 before

    DwarfLines(string unitFolder) => _unitFolder = unitFolder;

    /// <summary>The file and line of the instruction at an address before relocation; line 0 where none is known.</summary>
    public (string File, int Line) Find(ulong address)
    {
        int low = 0, high = _sequences.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            Sequence sequence = _sequences[middle];
            if (address < sequence.Start) high = middle - 1;
            else if (address >= sequence.End) low = middle + 1;
            else return Find(sequence, address);
        }
        return ("", 0);
    }

    (string File, int Line) Find(Sequence sequence, ulong address)
    {
        int low = sequence.FirstRow, high = sequence.FirstRow + sequence.RowCount - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_rows[middle].Address <= address) low = middle;
            else high = middle - 1;
        }
        Row row = _rows[low];
        return row.Address > address || row.Line <= 0 ? ("", 0) : (Path(row.File), row.Line);
    }

    /// <summary>The path of a file by its number in this table; empty where there is none.</summary>
    public string Path(int file)
    {
        if (_paths.TryGetValue(file, out string? known)) return known;
        int index = file - _firstFile;
        if (index < 0 || index >= _files.Count) return "";
        (string name, int folderIndex) = _files[index];
        string folder = _firstFile == 0 ? FolderAt(folderIndex) : folderIndex == 0 ? "" : FolderAt(folderIndex - 1);
        return _paths[file] = Join(_unitFolder, Join(folder, name));
    }

    string FolderAt(int index) => index >= 0 && index < _folders.Count ? _folders[index] : "";

    static string Join(string folder, string name) =>
        folder.Length == 0 || name.StartsWith('/') ? name : name.Length == 0 ? folder : folder.EndsWith('/') ? folder + name : folder + "/" + name;

    /// <summary>Null where the program's header makes no sense.</summary>
    public static DwarfLines? Read(DwarfSections sections, ulong offset, string unitFolder, int unitAddressBytes)
    {
        var reader = new ByteReader(sections.Line);
        reader.Seek(offset);
        ulong length = reader.UnitLength(out bool is64);
        ReadOnlySpan<byte> unit = reader.Take(Math.Min(length, (ulong)reader.Left));
        var program = new ByteReader(unit);
        int version = program.U16();
        if (version is < 2 or > 5) return null;
        int addressBytes = unitAddressBytes;
        if (version >= 5)
        {
            addressBytes = program.U8();
            program.U8();
        }
        ulong headerBytes = program.Offset(is64);
        ulong programAt = (ulong)program.Position + headerBytes;
        int minInstruction = program.U8();
        if (version >= 4) program.U8(); // operations per instruction: for VLIW machines only
        program.U8();                   // whether rows are statements by default
        int lineBase = (sbyte)program.U8(), lineRange = program.U8(), opcodeBase = program.U8();
        ReadOnlySpan<byte> operandCounts = program.Take((ulong)Math.Max(0, opcodeBase - 1));
        if (program.HasFailed || lineRange == 0) return null;

        var lines = new DwarfLines(unitFolder) { _firstFile = version >= 5 ? 0 : 1 };
        var format = new DwarfUnitFormat(version, addressBytes, is64);
        if (version >= 5)
        {
            lines.ReadEntries(ref program, unit, sections, format, (name, _) => lines._folders.Add(name));
            lines.ReadEntries(ref program, unit, sections, format, (name, folder) => lines._files.Add((name, folder)));
        }
        else
        {
            lines.ReadOldTables(ref program);
        }
        if (program.HasFailed) return null;
        program.Seek(programAt);
        lines.Run(ref program, addressBytes, minInstruction, lineBase, lineRange, opcodeBase, operandCounts);
        lines._sequences.Sort((a, b) => a.Start.CompareTo(b.Start));
        return lines;
    }

    void ReadOldTables(ref ByteReader reader)
    {
        while (_folders.Count < MaxFiles && reader.String() is { Length: > 0 } folder) _folders.Add(folder);
        while (_files.Count < MaxFiles && reader.String() is { Length: > 0 } name)
        {
            _files.Add((name, (int)Math.Min(reader.Uleb(), int.MaxValue)));
            reader.Uleb();
            reader.Uleb();
        }
    }

    void ReadEntries(ref ByteReader reader, ReadOnlySpan<byte> unit, DwarfSections sections, DwarfUnitFormat format, Action<string, int> add)
    {
        const int Path = 1, FolderIndex = 2;
        int formatCount = reader.U8();
        Span<(ulong Content, int Form)> formats = stackalloc (ulong, int)[formatCount];
        for (int i = 0; i < formatCount; i++) formats[i] = (reader.Uleb(), (int)reader.Uleb());
        ulong count = reader.Uleb();
        for (ulong entry = 0; entry < Math.Min(count, MaxFiles) && formatCount > 0 && !reader.HasFailed; entry++)
        {
            int before = reader.Position;
            string name = "";
            int folder = 0;
            foreach ((ulong content, int form) in formats)
            {
                DwarfValue value = DwarfValue.Read(ref reader, form, 0, format);
                if (content == Path) name = Text(value, unit, sections);
                else if (content == FolderIndex) folder = (int)Math.Min(value.Number, int.MaxValue);
            }
            // Entries of no bytes are none, however many of them there are said to be.
            if (reader.HasFailed || reader.Position == before) break;
            add(name, folder);
        }
    }

    static string Text(DwarfValue value, ReadOnlySpan<byte> unit, DwarfSections sections) => value.Form switch
    {
        DwarfForm.String => ByteReader.StringAt(unit, value.Number),
        DwarfForm.LineStrp => ByteReader.StringAt(sections.LineStrings, value.Number),
        DwarfForm.Strp => ByteReader.StringAt(sections.Strings, value.Number),
        DwarfForm.StrpSup or DwarfForm.GnuStrpAlt when sections.Alternate is { } alternate => ByteReader.StringAt(alternate.Strings, value.Number),
        _ => "",
    };

    void Run(ref ByteReader reader, int addressBytes, int minInstruction, int lineBase, int lineRange, int opcodeBase, ReadOnlySpan<byte> operandCounts)
    {
        const int Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, SetColumn = 5, ConstAddPc = 8, FixedAdvancePc = 9, SetIsa = 12;
        const int EndSequence = 1, SetAddress = 2;
        ulong address = 0;
        int file = 1, line = 1, first = 0;
        while (!reader.IsAtEnd && _rows.Count < MaxRows)
        {
            int opcode = reader.U8();
            if (opcode >= opcodeBase)
            {
                int adjusted = opcode - opcodeBase;
                address += (ulong)(adjusted / lineRange * minInstruction);
                line += lineBase + adjusted % lineRange;
                _rows.Add(new Row(address, file, line));
                continue;
            }
            switch (opcode)
            {
                case 0:
                    ulong length = reader.Uleb();
                    int end = reader.Position + (int)Math.Min(length, (ulong)reader.Left);
                    int extended = length == 0 ? 0 : reader.U8();
                    if (extended == SetAddress)
                    {
                        address = reader.Address(length - 1 is 4 or 8 ? (int)length - 1 : addressBytes);
                    }
                    else if (extended == EndSequence)
                    {
                        Close(first, address);
                        (address, file, line, first) = (0, 1, 1, _rows.Count);
                    }
                    if (!reader.HasFailed) reader.Seek((ulong)end);
                    break;
                case Copy: _rows.Add(new Row(address, file, line)); break;
                case AdvancePc: address += reader.Uleb() * (ulong)minInstruction; break;
                case AdvanceLine: line += (int)reader.Sleb(); break;
                case SetFile: file = (int)Math.Min(reader.Uleb(), int.MaxValue); break;
                case ConstAddPc: address += (ulong)((255 - opcodeBase) / lineRange * minInstruction); break;
                case FixedAdvancePc: address += reader.U16(); break;
                case SetColumn or SetIsa: reader.Uleb(); break;
                default:
                    for (int i = 0; i < operandCounts[opcode - 1]; i++) reader.Uleb();
                    break;
            }
        }
    }

    /// <summary>Functions that the linker has thrown away are left at address 0 or so: they have no code.</summary>
    void Close(int first, ulong end)
    {
        int count = _rows.Count - first;
        if (count == 0) return;
        ulong start = _rows[first].Address;
        bool isSorted = true;
        for (int i = first + 1; i < _rows.Count; i++) isSorted &= _rows[i - 1].Address <= _rows[i].Address;
        if (start == 0 || end <= start || !isSorted) _rows.RemoveRange(first, count);
        else _sequences.Add(new Sequence(start, end, first, count));
    }
}
