using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// A stack by its functions and their libraries: the same in every run and, without lines, in a program that was built anew.
internal sealed class StackName : IEquatable<StackName>
{
    readonly IReadOnlyList<Frame> _frames;
    readonly bool _hasLines;
    readonly int _hash;

    public StackName(IReadOnlyList<Frame> frames, bool hasLines)
    {
        _frames = frames;
        _hasLines = hasLines;
        var hash = new HashCode();
        for (int i = 0; i < frames.Count; i++)
        {
            hash.Add(frames[i].Function);
            hash.Add(frames[i].Library);
        }
        _hash = hash.ToHashCode();
    }

    public bool Equals(StackName? other)
    {
        if (other is null || _hash != other._hash || _frames.Count != other._frames.Count) return false;
        for (int i = 0; i < _frames.Count; i++)
        {
            Frame a = _frames[i], b = other._frames[i];
            if (ReferenceEquals(a, b)) continue;
            if (a.Function != b.Function || a.Library != b.Library || a.Kind != b.Kind) return false;
            if (_hasLines && (a.Line != b.Line || a.File != b.File)) return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as StackName);

    public override int GetHashCode() => _hash;
}
