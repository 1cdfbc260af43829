using System;

namespace Lampyris;

// The words of docs/profile-format.md that the recorder uses.

/// <summary>Kinds of records.</summary>
public enum RecordKind : byte
{
    Process = 1,
    Module,
    Thread,
    Stack,
    Allocation,
    Free,
    State,
    Memory,
    Mark,
    Lost,
    Timeline,
    End,
    Symbol = 32,
}

[Flags]
public enum StackFlags
{
    None = 0,
    Complete = 1,
    Cut = 2,
}

/// <summary>What kind of code a Symbol record names.</summary>
public enum SymbolKind
{
    Managed = 2,
}

public enum ProfileMark
{
    MemoryRefused = 1,
    LimitReached = 2,
}

public enum ProfileEnd
{
    ProcessEnded = 1,
    SwitchedOff = 2,
    Dump = 3,
}

/// <summary>What one sample stands for: estimated bytes, and thousandths of allocations.</summary>
public struct SampleWeight
{
    public ulong Bytes;
    public ulong Millis;
}

static class ErrorNumber
{
    public const int Exists = 17;               // EEXIST
    public const int NoSpace = 28;              // ENOSPC
    public const int NotSupported = 95;         // EOPNOTSUPP
}
