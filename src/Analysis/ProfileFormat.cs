using System;

namespace Lampyris.Analysis;

// What docs/profile-format.md lays down, in names. The reader, the writer and the appender share these and nothing else.
internal static class ProfileFormat
{
    public const int HeaderBytes = 32;
    public const int Version = 1;

    /// <summary>A record that claims a longer payload is damaged.</summary>
    public const int MaxPayloadBytes = 64 << 20;

    /// <summary>7 bits a byte, for 64 bits.</summary>
    public const int MaxVarintBytes = 10;

    public static ReadOnlySpan<byte> Magic => "LMPYPROF"u8;

    /// <summary>The byte behind a payload; never 0, so that zeros are no record.</summary>
    public static byte Check(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        ulong sum = (byte)kind;
        foreach (byte each in payload) sum += each;
        return (byte)(sum % 251 + 1);
    }
}
