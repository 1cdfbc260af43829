using System;
using System.Runtime.InteropServices;

namespace Lampyris;

// One line of text under construction in a fixed buffer, for places that may not allocate.
// What does not fit is cut.
[StructLayout(LayoutKind.Sequential)]
public unsafe struct TextLine
{
    public const int MaxBytes = 256;

    fixed byte _text[MaxBytes];
    int _length;

    /// <summary>Bytes written so far.</summary>
    public readonly int Length => _length;

    public void Append(byte character)
    {
        if (_length < MaxBytes) _text[_length++] = character;
    }

    public void Append(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++) Append(text[i]);
    }

    /// <summary>Appends a C string; null reads as nothing.</summary>
    public void Append(byte* text)
    {
        for (; text != null && *text != 0; text++) Append(*text);
    }

    public void AppendDecimal(long value)
    {
        ulong rest = value < 0 ? (ulong)-value : (ulong)value;
        if (value < 0) Append((byte)'-');
        ulong unit = 1;
        while (rest / unit >= 10) unit *= 10;
        for (; unit != 0; unit /= 10) Append((byte)('0' + (int)(rest / unit % 10)));
    }

    public void AppendHex(ulong value)
    {
        Append((byte)'0');
        Append((byte)'x');
        int shift = 60;
        while (shift > 0 && value >> shift == 0) shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift & 15);
            Append((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    /// <summary>As <see cref="CString.Write"/>.</summary>
    public readonly void CopyTerminated(byte* buffer, nuint bufferBytes)
    {
        fixed (byte* text = _text) CString.Write(new ReadOnlySpan<byte>(text, _length), buffer, bufferBytes);
    }

    /// <summary>Copies the text to <paramref name="into"/>, which has room for <see cref="MaxBytes"/>.</summary>
    public readonly int CopyTo(byte* into)
    {
        for (int i = 0; i < _length; i++) into[i] = _text[i];
        return _length;
    }
}
