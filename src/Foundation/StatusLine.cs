using System;

namespace Lampyris;

/// <summary>One line of figures, as in `name: bytes of memory 12, …`, for a reader's buffer of any size.</summary>
public unsafe struct StatusLine
{
    TextLine _line;
    bool _hasFigure;

    /// <summary>Begins the line, in place of whatever stood there.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        _line = default;
        _hasFigure = false;
        _line.Append(name);
        _line.Append(": "u8);
    }

    /// <summary>Adds one figure, behind its name.</summary>
    public void Add(ReadOnlySpan<byte> name, ulong value)
    {
        if (_hasFigure) _line.Append(", "u8);
        _hasFigure = true;
        _line.Append(name);
        _line.Append((byte)' ');
        _line.AppendDecimal((long)value);
    }

    /// <summary>Copies the line as <see cref="CString.Write"/> does.</summary>
    public readonly void CopyTo(byte* buffer, nuint bufferBytes) => _line.CopyTerminated(buffer, bufferBytes);
}
