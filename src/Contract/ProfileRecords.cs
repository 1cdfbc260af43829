using System;

namespace Lampyris;

// The words of the profile file (docs/profile-format.md) that its writer inside the process and its readers outside share.

/// <summary>Kinds of records; from 32 on they are added after the process has ended.</summary>
public enum RecordKind : byte
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
    ObjectType = 33,
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

/// <summary>Why a moment was marked: the Mark record's reasons.</summary>
public enum MarkReason
{
    MemoryRefused = 1,
    LimitReached = 2,
    AskedFor = 3,
}

/// <summary>What kind of code a Symbol record names.</summary>
public enum SymbolKind
{
    Unknown = 0,
    Native = 1,
    Managed = 2,

    /// <summary>The .NET runtime's own.</summary>
    Runtime = 3,
}
