using System;
using System.Text;

namespace Lampyris.Analysis;

// Linux names and arguments are bytes, not text: they pass through here without being decoded.
internal static class Bytes
{
    /// <summary>UTF-8 with the zero byte at its end that C wants.</summary>
    public static byte[] OfText(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>For the eyes only: bytes that are no UTF-8 become replacement characters.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary><paramref name="bytes"/> with a zero byte after them.</summary>
    public static byte[] Terminated(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = new byte[bytes.Length + 1];
        bytes.CopyTo(copy);
        return copy;
    }

    public static byte[] Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] joined = new byte[first.Length + second.Length];
        first.CopyTo(joined);
        second.CopyTo(joined.AsSpan(first.Length));
        return joined;
    }
}
