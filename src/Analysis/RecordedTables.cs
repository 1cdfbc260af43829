using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

internal sealed record RecordedStack(int Thread, StackTraits Traits, ulong[] Addresses)
{
    /// <summary>What the GC heap allocated here; null elsewhere.</summary>
    public string? ObjectType { get; set; }
}

/// <summary>Live bytes and thousandths of allocations by stack.</summary>
internal sealed record RecordedMark(long Time, MarkReason Reason, long Value, IReadOnlyList<(int Stack, long Bytes, long Thousandths)> Live);

// Things that records number. The numbers rise from 0, mostly without gaps; where there are gaps, a dictionary knows the way.
internal sealed class NumberedList<T>
{
    readonly List<T> _items = [];
    Dictionary<ulong, int>? _indexes;
    ulong _next;

    public int Count => _items.Count;

    public T this[int index] => _items[index];

    /// <summary>One above the highest number so far.</summary>
    public ulong NextNumber => _next;

    /// <summary>False when the number does not rise.</summary>
    public bool TryAdd(ulong number, T item)
    {
        if (number < _next || number == ulong.MaxValue) return false;
        if (_indexes is null && number != (ulong)_items.Count)
        {
            _indexes = [];
            for (int i = 0; i < _items.Count; i++) _indexes[(ulong)i] = i;
        }
        _indexes?.Add(number, _items.Count);
        _items.Add(item);
        _next = number + 1;
        return true;
    }

    /// <summary>Where the item of this number is; -1 where there is none.</summary>
    public int IndexOf(ulong number) =>
        _indexes is null ? (number < (ulong)_items.Count ? (int)number : -1)
        : _indexes.TryGetValue(number, out int index) ? index : -1;
}

// All that a file says besides weights, as it says it: by number and address.
internal sealed class RecordedTables
{
    public List<string> Command { get; } = [];
    public string Executable { get; set; } = "";

    /// <summary>Of a process that forked: this file is of its child. 0: of no such.</summary>
    public long ParentId { get; set; }

    public NumberedList<ProfileModule> Modules { get; } = new();
    public NumberedList<string> Threads { get; } = new();
    public NumberedList<RecordedStack> Stacks { get; } = new();
    public Dictionary<ulong, Frame[]> Symbols { get; } = [];
    public List<RecordedMark> Marks { get; } = [];
}
