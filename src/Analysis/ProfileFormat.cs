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

internal enum RecordKind : byte
{
    None = 0,
    Process = 1,
    Module = 2,
    Thread = 3,
    Stack = 4,
    Allocation = 5,
    Free = 6,
    State = 7,
    Memory = 8,
    Mark = 9,
    Lost = 10,
    Timeline = 11,
    End = 12,
    Symbol = 32,
    Object = 33,
}

/// <summary>What is known of a recorded stack: the Stack record's flags.</summary>
[Flags]
public enum StackTraits
{
    None = 0,

    /// <summary>It goes up to the thread's start.</summary>
    Complete = 1,

    /// <summary>It has more frames than the recorder takes.</summary>
    CutAtDepth = 2,

    /// <summary>The GC heap allocated here, not malloc.</summary>
    GcHeap = 4,
}

/// <summary>Why recording ended: the End record's reasons.</summary>
public enum EndReason
{
    ProcessEnded = 1,
    SwitchedOff = 2,
    Dump = 3,
    DiskFull = 4,
}
