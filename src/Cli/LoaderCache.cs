using System;
using System.Buffers.Binary;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// /etc/ld.so.cache: where the dynamic loader itself looks for a library first. A header of 48 bytes, then entries
// of 24 bytes (flags, offset of the name, offset of the path, …); the offsets count from the header.
internal static class LoaderCache
{
    const string CachePath = "/etc/ld.so.cache";
    const int HeaderBytes = 48, EntryBytes = 24;

    /// <summary>The path of a 64-bit library of this machine that still exists; null when the cache has none or can't be read.</summary>
    public static string? Find(string fileName)
    {
        try
        {
            return Find(File.ReadAllBytes(CachePath), fileName);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;                // a machine without a cache: the usual directories remain
        }
    }

    internal static string? Find(ReadOnlySpan<byte> cache, string fileName)
    {
        int start = cache.IndexOf("glibc-ld.so.cache1.1"u8);        // an older format may stand before it
        if (start < 0) return null;
        cache = cache[start..];
        if (cache.Length < HeaderBytes) return null;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(cache[20..]);
        for (uint i = 0; i < count && HeaderBytes + (i + 1ul) * EntryBytes <= (ulong)cache.Length; i++)
        {
            ReadOnlySpan<byte> entry = cache.Slice(HeaderBytes + (int)i * EntryBytes, EntryBytes);
            if (Text(cache, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..])) != fileName) continue;
            string path = Text(cache, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
            using FileBytes? file = path.StartsWith('/') ? FileBytes.Open(path) : null;
            if (file is not null && ElfFile.Read(file) is { Is64Bit: true } elf && elf.Machine == ElfFile.HostMachine) return path;
        }
        return null;
    }

    static string Text(ReadOnlySpan<byte> cache, uint offset) =>
        offset < (uint)cache.Length ? Bytes.ToText(cache[(int)offset..]) : "";
}
