using System;

namespace Lampyris;

// Text that ends in a zero byte.
public static unsafe class CString
{
    /// <summary>Bytes before the zero.</summary>
    public static nuint Length(byte* text)
    {
        nuint length = 0;
        while (text[length] != 0) length++;
        return length;
    }

    /// <summary>Copies a text, cut to <paramref name="bufferBytes"/> and always terminated; nothing where there is no room for that.</summary>
    public static void Write(ReadOnlySpan<byte> text, byte* buffer, nuint bufferBytes)
    {
        if (bufferBytes == 0) return;
        int length = (nuint)text.Length < bufferBytes ? text.Length : (int)(bufferBytes - 1);
        for (int i = 0; i < length; i++) buffer[i] = text[i];
        buffer[length] = 0;
    }
}
