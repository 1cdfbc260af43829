using System;
using Lampyris.Analysis;

namespace Lampyris.Cli.Tests;

/// <summary>A file in memory, to be damaged at will.</summary>
internal sealed class Memory(byte[] bytes) : IByteSource
{
    public bool Read(ulong offset, Span<byte> into)
    {
        if (offset > (ulong)bytes.Length || (ulong)into.Length > (ulong)bytes.Length - offset) return false;
        bytes.AsSpan((int)offset, into.Length).CopyTo(into);
        return true;
    }
}
