using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

// The functions of one unit and what was inlined into them: a forest in the order of the file, in which each node knows
// where its subtree ends.
internal sealed class DwarfFunctions
{
    const int TagClass = 0x02, TagEnumeration = 0x04, TagInlined = 0x1D, TagStructure = 0x13, TagUnion = 0x17, TagSubprogram = 0x2E;
    const int MaxDepth = 512, MaxNodes = 1 << 22, MaxRanges = 1 << 22;

    /// <param name="Next">index of the first node behind this one's subtree</param>
    /// <param name="Entry">offset of its entry in `.debug_info`, where its name can be found</param>
    public record struct Node(int Next, int FirstRange, int RangeCount, ulong Entry, int CallFile, int CallLine, bool IsInlined);

    readonly List<Node> _nodes = [];
    readonly List<AddressRange> _ranges = [];
    readonly List<(AddressRange Range, int Node)> _functions = []; // sorted by start

    public IEnumerable<AddressRange> Ranges => _functions.Select(function => function.Range);

    /// <summary>The function at an address before relocation, and what is inlined there, outermost first; empty where none is known.</summary>
    public List<Node> Find(ulong address)
    {
        var chain = new List<Node>();
        int low = 0, high = _functions.Count - 1, found = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_functions[middle].Range.Start <= address) (found, low) = (middle, middle + 1);
            else high = middle - 1;
        }
        if (found < 0 || !_functions[found].Range.Contains(address)) return chain;
        int index = _functions[found].Node;
        chain.Add(_nodes[index]);
        for (int end = _nodes[index++].Next; index < end;)
        {
            Node node = _nodes[index];
            if (node.IsInlined && Contains(node, address))
            {
                chain.Add(node);
                end = node.Next;
                index++;
            }
            else
            {
                index = node.Next;
            }
        }
        return chain;
    }

    bool Contains(Node node, ulong address)
    {
        for (int i = 0; i < node.RangeCount; i++)
            if (_ranges[node.FirstRange + i].Contains(address)) return true;
        return false;
    }

    public static DwarfFunctions Read(DwarfUnit unit)
    {
        var functions = new DwarfFunctions();
        functions.ReadEntries(unit);
        functions._functions.Sort((a, b) => a.Range.Start.CompareTo(b.Range.Start));
        return functions;
    }

    void ReadEntries(DwarfUnit unit)
    {
        var reader = new ByteReader(unit.Sections.Info[..(int)unit.End]);
        reader.Seek(unit.EntriesAt);
        DwarfAbbreviations abbreviations = unit.Abbreviations;
        Span<int> open = stackalloc int[MaxDepth]; // for each depth the node that ends there; -1: none
        int depth = 0;
        while (!reader.IsAtEnd && _nodes.Count < MaxNodes)
        {
            ulong entryAt = (ulong)reader.Position;
            ulong code = reader.Uleb();
            if (code == 0)
            {
                if (depth == 0) break;
                Close(open[depth]);
                if (--depth == 0) break;
                continue;
            }
            if (abbreviations.Find(code) is not { } shape) break;
            int node = -1;
            // Types take most of the space: they have no code of their own, and members' code is elsewhere.
            bool isType = shape.Tag is TagClass or TagStructure or TagUnion or TagEnumeration;
            if (shape.Tag is TagSubprogram or TagInlined || (isType && shape.HasChildren))
            {
                DwarfEntry entry = DwarfEntry.Read(ref reader, shape, unit.Format);
                if (reader.HasFailed) break;
                if (!isType) node = Add(unit, entry, entryAt);
                else if (Sibling(entry, unit) is { } sibling && sibling > (ulong)reader.Position)
                {
                    reader.Seek(sibling);
                    continue;
                }
            }
            else if (shape.FixedBytes >= 0)
            {
                reader.Skip((ulong)shape.FixedBytes);
            }
            else
            {
                foreach ((_, int form, long constant) in shape.Attributes) DwarfValue.Read(ref reader, form, constant, unit.Format);
            }
            if (!shape.HasChildren) continue;
            if (++depth >= MaxDepth) break;
            open[depth] = node;
        }
        // Where the unit is cut off, what is open ends here.
        for (int i = Math.Min(depth, MaxDepth - 1); i > 0; i--) Close(open[i]);
    }

    static ulong? Sibling(DwarfEntry entry, DwarfUnit unit) => entry.Sibling.Form switch
    {
        DwarfForm.Ref1 or DwarfForm.Ref2 or DwarfForm.Ref4 or DwarfForm.Ref8 or DwarfForm.RefUdata => unit.Start + entry.Sibling.Number,
        _ => null,
    };

    int Add(DwarfUnit unit, DwarfEntry entry, ulong entryAt)
    {
        List<AddressRange> ranges = unit.ReadRanges(entry);
        if (ranges.Count == 0 || _ranges.Count > MaxRanges) return -1;
        int index = _nodes.Count;
        bool isInlined = entry.Shape!.Tag == TagInlined;
        _nodes.Add(new Node(index + 1, _ranges.Count, ranges.Count, entryAt, entry.CallFile, entry.CallLine, isInlined));
        _ranges.AddRange(ranges);
        if (!isInlined)
            foreach (AddressRange range in ranges) _functions.Add((range, index));
        return index;
    }

    void Close(int node)
    {
        if (node >= 0) _nodes[node] = _nodes[node] with { Next = _nodes.Count };
    }
}
