using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace Lampyris.Analysis;

/// <summary>The debug sections of one file, taken out of their compression when first asked for.</summary>
internal sealed class DwarfSections(IByteArea file, ElfFile elf)
{
    const ulong MaxBytes = 1ul << 30;
    const ulong MaxRatio = 256; // debug information packs 3 to 20 times smaller

    readonly Dictionary<string, ReadOnlyMemory<byte>> _sections = new(StringComparer.Ordinal);

    public ReadOnlySpan<byte> Info => Get(".debug_info").Span;
    public ReadOnlySpan<byte> Abbreviations => Get(".debug_abbrev").Span;
    public ReadOnlySpan<byte> Line => Get(".debug_line").Span;
    public ReadOnlySpan<byte> LineStrings => Get(".debug_line_str").Span;
    public ReadOnlySpan<byte> Strings => Get(".debug_str").Span;
    public ReadOnlySpan<byte> StringOffsets => Get(".debug_str_offsets").Span;
    public ReadOnlySpan<byte> Addresses => Get(".debug_addr").Span;
    public ReadOnlySpan<byte> Ranges => Get(".debug_ranges").Span;
    public ReadOnlySpan<byte> RangeLists => Get(".debug_rnglists").Span;

    /// <summary>The file that `dwz` has moved shared entries to; null where there is none.</summary>
    public DwarfSections? Alternate { get; init; }

    ReadOnlyMemory<byte> Get(string name)
    {
        if (_sections.TryGetValue(name, out var known)) return known;
        ReadOnlyMemory<byte> read = default;
        foreach (ElfSection section in elf.Sections)
            if (section.Name == name && section.Type != ElfSection.NoBits) read = Read(section);
        return _sections[name] = read;
    }

    ReadOnlyMemory<byte> Read(ElfSection section)
    {
        if (file.Slice(section.Offset, section.Bytes) is not { } bytes) return default;
        return (section.Flags & ElfSection.Compressed) == 0 ? bytes : Decompress(bytes);
    }

    static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> section)
    {
        const int HeaderBytes = 24, Zlib = 1, Zstd = 2;
        var header = new ByteReader(section.Span);
        uint type = header.U32();
        header.U32();
        ulong bytes = header.U64();
        if (section.Length <= HeaderBytes || bytes > MaxBytes || bytes > (ulong)section.Length * MaxRatio) return default;
        ReadOnlyMemory<byte> packed = section[HeaderBytes..];
        if (type == Zstd) return ZstdLibrary.Decompress(packed.Span, (int)bytes);
        if (type != Zlib) return default;
        byte[] content = new byte[bytes];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException)
        {
            return default;
        }
    }
}
