using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// A C `char *argv[]`: zero-terminated strings, a null pointer at the end.
internal sealed unsafe class StringVector : IDisposable
{
    readonly int _count;

    public StringVector(IReadOnlyList<byte[]> strings)
    {
        _count = strings.Count;
        Pointer = (byte**)NativeMemory.Alloc((nuint)_count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            byte[] from = strings[i];
            Pointer[i] = (byte*)NativeMemory.Alloc((nuint)from.Length + 1);
            from.CopyTo(new Span<byte>(Pointer[i], from.Length));
            Pointer[i][from.Length] = 0;
        }
        Pointer[_count] = null;
    }

    public byte** Pointer { get; }

    public void Dispose()
    {
        for (int i = 0; i < _count; i++) NativeMemory.Free(Pointer[i]);
        NativeMemory.Free(Pointer);
    }
}
