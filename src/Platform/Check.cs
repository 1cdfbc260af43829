using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Lampyris;

// Checks of stated invariants. `Debug` is gone in Release. `Always` is for a heap that is already
// corrupt or a program that breaks malloc's rules: one line to stderr, then abort, because going on
// would turn a bug into lost data.
public static unsafe class Check
{
    [Conditional("DEBUG")]
    public static void Debug(bool condition, ReadOnlySpan<byte> message)
    {
        if (!condition) Fail(message, null);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Always(bool condition, ReadOnlySpan<byte> message, void* address)
    {
        if (!condition) Fail(message, address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Fail(ReadOnlySpan<byte> message, void* address)
    {
        TextLine line = default;
        line.Append("lampyris: "u8);
        line.Append(message);
        line.Append(" (address "u8);
        line.AppendHex((ulong)address);
        line.Append(")"u8);
        ErrorOutput.Write(line);
        Host.Abort();
    }
}
