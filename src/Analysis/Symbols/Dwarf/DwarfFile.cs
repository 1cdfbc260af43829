using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>A function at an address, as the compiler described it.</summary>
/// <param name="Name">as the linker knows it where it does, still mangled; empty where there is none</param>
internal readonly record struct DwarfFrame(string Name, string File, int Line);

// The debug information of one file. Opening it reads each unit's first entry, to know which addresses it is for; lines
// and functions are read for the units that are asked for.
internal sealed class DwarfFile
{
    const int MaxUnits = 1 << 20, MaxReferences = 16;

    readonly DwarfSections _sections;
    readonly List<DwarfUnit> _units = []; // in the order of the file, so sorted by `Start`
    readonly List<(AddressRange Range, DwarfUnit Unit)> _ranges = []; // sorted by start
    readonly List<ulong> _ends = []; // of all ranges up to this one, the highest end
    List<(AddressRange Range, DwarfUnit Unit)>? _late;
    readonly Dictionary<ulong, string> _names = [];
    readonly DwarfFile? _alternate;

    public DwarfFile(DwarfSections sections)
    {
        _sections = sections;
        if (sections.Alternate is { } alternate) _alternate = new DwarfFile(alternate);
        for (ulong at = 0; at < (ulong)sections.Info.Length && _units.Count < MaxUnits;)
        {
            DwarfUnit? unit = DwarfUnit.Read(sections, at, out ulong next);
            if (next <= at || next == ulong.MaxValue) break;
            if (unit != null)
            {
                _units.Add(unit);
                foreach (AddressRange range in unit.Ranges) _ranges.Add((range, unit));
            }
            at = next;
        }
        _ranges.Sort((a, b) => a.Range.Start.CompareTo(b.Range.Start));
        ulong end = 0;
        foreach ((AddressRange range, _) in _ranges) _ends.Add(end = Math.Max(end, range.End));
    }

    public int UnitCount => _units.Count;

    /// <summary>What is at an address before relocation, innermost first; empty where nothing is known.</summary>
    public List<DwarfFrame> Find(ulong address)
    {
        var frames = new List<DwarfFrame>();
        foreach (DwarfUnit unit in UnitsAt(address))
        {
            List<DwarfFunctions.Node> chain = unit.Functions.Find(address);
            (string file, int line) = unit.Lines?.Find(address) ?? ("", 0);
            if (chain.Count == 0 && line == 0) continue;
            for (int i = chain.Count - 1; i >= 0; i--)
            {
                frames.Add(new DwarfFrame(NameOf(unit, chain[i].Entry), file, line));
                (file, line) = (unit.Lines?.Path(chain[i].CallFile) ?? "", chain[i].CallLine);
            }
            if (chain.Count == 0) frames.Add(new DwarfFrame("", file, line));
            break;
        }
        return frames;
    }

    /// <summary>Mostly one; where units overlap, that with the narrowest range comes first as it begins last.</summary>
    List<DwarfUnit> UnitsAt(ulong address)
    {
        var units = new List<DwarfUnit>();
        int low = 0, high = _ranges.Count - 1, last = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Range.Start <= address) (last, low) = (middle, middle + 1);
            else high = middle - 1;
        }
        for (; last >= 0 && _ends[last] > address; last--)
            if (_ranges[last].Range.Contains(address) && !units.Contains(_ranges[last].Unit)) units.Add(_ranges[last].Unit);
        if (units.Count == 0)
            foreach ((AddressRange range, DwarfUnit unit) in _late ??= ReadLateRanges())
                if (range.Contains(address)) units.Add(unit);
        return units;
    }

    /// <summary>Units that do not say which addresses they are for, as in version 2: their functions do.</summary>
    List<(AddressRange Range, DwarfUnit Unit)> ReadLateRanges()
    {
        var ranges = new List<(AddressRange, DwarfUnit)>();
        foreach (DwarfUnit unit in _units)
        {
            if (unit.Ranges.Count > 0 || unit.Statements is null) continue;
            foreach (AddressRange range in unit.Functions.Ranges) ranges.Add((range, unit));
        }
        return ranges;
    }

    DwarfUnit? UnitWith(ulong offset)
    {
        int low = 0, high = _units.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (offset < _units[middle].Start) high = middle - 1;
            else if (offset >= _units[middle].End) low = middle + 1;
            else return _units[middle];
        }
        return null;
    }

    string NameOf(DwarfUnit unit, ulong entry)
    {
        if (_names.TryGetValue(entry, out string? known)) return known;
        return _names[entry] = ReadName(unit, entry, 0);
    }

    /// <summary>The name of an entry, or of the one it is an instance or the definition of.</summary>
    string ReadName(DwarfUnit unit, ulong entryAt, int references)
    {
        if (entryAt >= unit.End || references > MaxReferences) return "";
        var reader = new ByteReader(_sections.Info[..(int)unit.End]);
        reader.Seek(entryAt);
        if (unit.Abbreviations.Find(reader.Uleb()) is not { } shape) return "";
        DwarfEntry entry = DwarfEntry.Read(ref reader, shape, unit.Format);
        // glibc calls itself by hidden aliases such as __GI_raise; the plain name is what was written.
        if (entry.LinkageName.IsPresent && unit.Text(entry.LinkageName) is var linkage && (!linkage.StartsWith("__GI_", StringComparison.Ordinal) || !entry.Name.IsPresent)) return linkage;
        // The declaration in a class has the linkage name where the definition has the plain one only.
        DwarfValue reference = entry.Origin.IsPresent ? entry.Origin : entry.Specification;
        string referred = reference.IsPresent ? Follow(unit, reference, references + 1) : "";
        return referred.Length > 0 || !entry.Name.IsPresent ? referred : unit.Text(entry.Name);
    }

    string Follow(DwarfUnit unit, DwarfValue reference, int references)
    {
        switch (reference.Form)
        {
            case DwarfForm.Ref1 or DwarfForm.Ref2 or DwarfForm.Ref4 or DwarfForm.Ref8 or DwarfForm.RefUdata:
                return ReadName(unit, unit.Start + reference.Number, references);
            case DwarfForm.RefAddr:
                return UnitWith(reference.Number) is { } other ? ReadName(other, reference.Number, references) : "";
            case DwarfForm.GnuRefAlt or DwarfForm.RefSup4 or DwarfForm.RefSup8:
                return _alternate?.UnitWith(reference.Number) is { } shared ? _alternate.ReadName(shared, reference.Number, references) : "";
            default:
                return "";
        }
    }
}
