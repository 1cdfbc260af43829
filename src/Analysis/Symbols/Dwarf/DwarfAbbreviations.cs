using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>The shape of an entry: its tag, and which attributes follow in which form.</summary>
internal sealed class DwarfAbbreviation
{
    public required int Tag { get; init; }
    public required bool HasChildren { get; init; }
    public required (int Attribute, int Form, long Constant)[] Attributes { get; init; }

    /// <summary>Bytes of all values together, so that an entry can be passed in one step; -1 where they vary.</summary>
    public required int FixedBytes { get; init; }
}

/// <summary>One table of `.debug_abbrev`, which a unit names by its offset.</summary>
internal sealed class DwarfAbbreviations
{
    const int MaxEntries = 1 << 20, MaxAttributes = 1024;

    readonly List<DwarfAbbreviation> _dense = []; // codes 1, 2, 3 .. as compilers give them
    readonly Dictionary<ulong, DwarfAbbreviation> _others = [];

    public DwarfAbbreviation? Find(ulong code) =>
        code - 1 < (ulong)_dense.Count ? _dense[(int)code - 1] : _others.GetValueOrDefault(code);

    /// <param name="only">the one code that is wanted, for a look at a unit's first entry; 0: all</param>
    public static DwarfAbbreviations Read(ReadOnlySpan<byte> section, ulong offset, DwarfUnitFormat format, ulong only = 0)
    {
        var table = new DwarfAbbreviations();
        var reader = new ByteReader(section);
        reader.Seek(offset);
        var attributes = new List<(int, int, long)>();
        for (int count = 0; count < MaxEntries; count++)
        {
            ulong code = reader.Uleb();
            if (code == 0) break;
            int tag = (int)reader.Uleb();
            bool hasChildren = reader.U8() != 0;
            attributes.Clear();
            int bytes = 0;
            while (true)
            {
                int attribute = (int)reader.Uleb(), form = (int)reader.Uleb();
                if ((attribute == 0 && form == 0) || reader.HasFailed || attributes.Count == MaxAttributes) break;
                attributes.Add((attribute, form, form == DwarfForm.ImplicitConst ? reader.Sleb() : 0));
                int more = form == DwarfForm.RefAddr && format.Version <= 2 ? -1 : DwarfForm.FixedBytes(form, format.AddressBytes, format.Is64);
                bytes = bytes < 0 || more < 0 ? -1 : bytes + more;
            }
            if (reader.HasFailed) break;
            if (only != 0 && code != only) continue;
            var entry = new DwarfAbbreviation { Tag = tag, HasChildren = hasChildren, Attributes = [.. attributes], FixedBytes = bytes };
            if (code == (ulong)table._dense.Count + 1) table._dense.Add(entry);
            else table._others.TryAdd(code, entry);
            if (only != 0) break;
        }
        return table;
    }
}
