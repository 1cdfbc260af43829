using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

// The check for a heap that is already corrupt or a program that breaks malloc's rules: one line to stderr,
// then abort, because going on would turn a bug into lost data. All other invariants are `HeapCheck`'s.
public static unsafe class Check
{
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
