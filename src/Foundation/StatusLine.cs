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

    /// <summary>Copies the line, cut to <paramref name="bufferBytes"/> and terminated by a zero byte; nothing where there is no room for that.</summary>
    public readonly void CopyTo(byte* buffer, nuint bufferBytes)
    {
        if (bufferBytes == 0) return;
        byte* text = stackalloc byte[TextLine.MaxBytes];
        nuint length = (nuint)_line.CopyTo(text);
        if (length > bufferBytes - 1) length = bufferBytes - 1;
        for (nuint i = 0; i < length; i++) buffer[i] = text[i];
        buffer[length] = 0;
    }
}
