using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Lampyris.Analysis;

// Where distributions put the debug information that they take out of programs and libraries. Nothing is downloaded.
internal static class DebugFiles
{
    const string Root = "/usr/lib/debug";

    /// <summary>The separate debug file of a file: by its build ID, or by the name and checksum it notes. Null where there is none.</summary>
    public static (MappedFile File, ElfFile Elf)? Find(string path, IByteArea file, ElfFile elf)
    {
        byte[]? buildId = elf.ReadBuildId();
        if (buildId is { Length: > 1 })
            foreach (string candidate in ByBuildId(buildId))
                if (OpenWithId(candidate, buildId) is { } found) return found;
        if (ReadLink(file, elf) is not { } link) return null;
        foreach (string candidate in ByLink(path, link.Name))
        {
            if (Path.GetFullPath(candidate) == Path.GetFullPath(path) || MappedFile.Open(candidate) is not { } mapped) continue;
            if (Crc(mapped) == link.Crc && ElfFile.Read(mapped) is { } read) return (mapped, read);
            mapped.Dispose();
        }
        return null;
    }

    /// <summary>The file that `dwz` moved the entries to that several files share.</summary>
    public static (MappedFile File, ElfFile Elf)? FindAlternate(string path, IByteArea file, ElfFile elf)
    {
        if (SectionBytes(file, elf, ".gnu_debugaltlink") is not { } content) return null;
        int end = Array.IndexOf(content, (byte)0);
        if (end <= 0 || content.Length - end - 1 is < 2 or > 64) return null;
        byte[] buildId = content[(end + 1)..].ToArray();
        string name = Bytes.ToText(content), folder = Path.GetDirectoryName(path) ?? "";
        foreach (string candidate in new[] { Path.Combine(folder, name) }.Concat(ByBuildId(buildId)))
            if (OpenWithId(candidate, buildId) is { } found) return found;
        return null;
    }

    static IEnumerable<string> ByBuildId(byte[] buildId)
    {
        string id = Convert.ToHexStringLower(buildId);
        yield return $"{Root}/.build-id/{id[..2]}/{id[2..]}.debug";
        if (Environment.GetEnvironmentVariable("DEBUGINFOD_CACHE_PATH") is { Length: > 0 } cache) yield return $"{cache}/{id}/debuginfo";
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        yield return $"{caches}/debuginfod_client/{id}/debuginfo";
    }

    static IEnumerable<string> ByLink(string path, string name)
    {
        // A link of the file system may lead to another folder; the debug file is beside one or the other.
        foreach (string real in new[] { path, new FileInfo(path).ResolveLinkTarget(true)?.FullName ?? path }.Distinct(StringComparer.Ordinal))
        {
            string folder = Path.GetDirectoryName(real) ?? "/";
            yield return Path.Combine(folder, name);
            yield return Path.Combine(folder, ".debug", name);
            yield return Root + folder + "/" + name;
        }
    }

    static (MappedFile File, ElfFile Elf)? OpenWithId(string path, byte[] buildId)
    {
        if (MappedFile.Open(path) is not { } mapped) return null;
        if (ElfFile.Read(mapped) is { } elf && elf.ReadBuildId() is { } id && id.AsSpan().SequenceEqual(buildId)) return (mapped, elf);
        mapped.Dispose();
        return null;
    }

    static (string Name, uint Crc)? ReadLink(IByteArea file, ElfFile elf)
    {
        if (SectionBytes(file, elf, ".gnu_debuglink") is not { } content) return null;
        string name = Bytes.ToText(content);
        // The name, zeros up to a multiple of four, the checksum.
        var reader = new ByteReader(content);
        reader.Skip((ulong)((Encoding.UTF8.GetByteCount(name) + 4) & ~3));
        uint crc = reader.U32();
        return reader.HasFailed || name.Length == 0 || name.Contains('/') ? null : (name, crc);
    }

    static byte[]? SectionBytes(IByteArea file, ElfFile elf, string name)
    {
        const ulong MaxBytes = 4096;
        foreach (ElfSection section in elf.Sections)
        {
            if (section.Name != name || section.Type == ElfSection.NoBits || section.Bytes > MaxBytes) continue;
            byte[] content = new byte[section.Bytes];
            return file.Read(section.Offset, content) ? content : null;
        }
        return null;
    }

    /// <summary>The checksum of PNG and zlib, over the whole file.</summary>
    static uint Crc(MappedFile file)
    {
        const uint Polynomial = 0xEDB8_8320;
        const int PieceBytes = 1 << 20;
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? value >> 1 ^ Polynomial : value >> 1;
            table[i] = value;
        }
        uint crc = uint.MaxValue;
        for (ulong at = 0; at < file.Length; at += PieceBytes)
        {
            if (file.Slice(at, Math.Min(PieceBytes, file.Length - at)) is not { } piece) break;
            foreach (byte b in piece.Span) crc = table[(byte)(crc ^ b)] ^ crc >> 8;
        }
        return ~crc;
    }
}
