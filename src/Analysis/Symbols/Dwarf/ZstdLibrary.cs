using System;
using System.Runtime.InteropServices;

namespace Lampyris.Analysis;

// .NET 10 has no zstd of its own; a system whose compiler packs debug sections with it has the library.
internal static unsafe class ZstdLibrary
{
    static readonly delegate* unmanaged<void*, nuint, void*, nuint, nuint> s_decompress = Load();

    /// <summary>Empty where the library is not installed, or the bytes are none of its.</summary>
    public static ReadOnlyMemory<byte> Decompress(ReadOnlySpan<byte> packed, int bytes)
    {
        if (s_decompress == null) return default;
        byte[] content = new byte[bytes];
        fixed (byte* from = packed)
        fixed (byte* to = content)
            return s_decompress(to, (nuint)bytes, from, (nuint)packed.Length) == (nuint)bytes ? content : default;
    }

    static delegate* unmanaged<void*, nuint, void*, nuint, nuint> Load() =>
        NativeLibrary.TryLoad("libzstd.so.1", out nint library) && NativeLibrary.TryGetExport(library, "ZSTD_decompress", out nint function)
            ? (delegate* unmanaged<void*, nuint, void*, nuint, nuint>)function : null;
}
