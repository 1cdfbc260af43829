using System;
using System.Buffers.Binary;

namespace Lampyris.Analysis;

// A shared library as it lies in the memory of a process, for when its file can't be read any more: it was
// replaced by a newer build, or it is in another mount namespace. The dynamic loader needs the hash table and
// the dynamic symbols in memory, so they are always there. The same care as in `ElfFile`: nothing is trusted.
internal static class ElfImage
{
    const int MaxDynamicEntries = 1024;
    const uint MaxChain = 1 << 20;
    const ulong DtStrtab = 5, DtSymtab = 6, DtStrsz = 10, DtGnuHash = 0x6FFF_FEF5;

    /// <summary>The final address of a symbol that the image at <paramref name="start"/> defines.</summary>
    public static ulong? FindSymbol(IByteSource memory, ulong start, ReadOnlySpan<byte> name)
    {
        ElfFile? elf = ElfFile.Read(new Shifted(memory, start));
        if (elf?.Dynamic is not { } dynamic || elf.FirstLoad is not { } load) return null;
        ulong bias = start - (load.Address - load.Offset);

        ulong strings = 0, symbols = 0, stringBytes = 0, hash = 0;
        Span<byte> entry = stackalloc byte[16];
        for (ulong i = 0; i < Math.Min(dynamic.Bytes / 16, MaxDynamicEntries); i++)
        {
            if (!memory.Read(bias + dynamic.Address + i * 16, entry)) return null;
            ulong tag = BinaryPrimitives.ReadUInt64LittleEndian(entry), value = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            if (tag == 0) break;
            // glibc has added the bias to these addresses already, other loaders have not.
            ulong address = value < bias ? value + bias : value;
            if (tag == DtStrtab) strings = address;
            else if (tag == DtSymtab) symbols = address;
            else if (tag == DtGnuHash) hash = address;
            else if (tag == DtStrsz) stringBytes = value;
        }
        if (strings == 0 || symbols == 0 || hash == 0) return null;
        return Look(memory, name, hash, symbols, strings, stringBytes) is { } found ? bias + found : null;
    }

    /// <summary>The GNU hash table: a header of four numbers, a Bloom filter, the buckets, and chains that end on an odd number.</summary>
    static ulong? Look(IByteSource memory, ReadOnlySpan<byte> name, ulong table, ulong symbols, ulong strings, ulong stringBytes)
    {
        Span<byte> header = stackalloc byte[16];
        if (!memory.Read(table, header)) return null;
        uint bucketCount = BinaryPrimitives.ReadUInt32LittleEndian(header);
        uint firstSymbol = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        uint bloomWords = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (bucketCount == 0) return null;

        uint hash = 5381;
        foreach (byte b in name) hash = hash * 33 + b;
        ulong buckets = table + 16 + bloomWords * 8ul;
        if (!TryRead32(memory, buckets + hash % bucketCount * 4ul, out uint index) || index < firstSymbol) return null;

        ulong chains = buckets + bucketCount * 4ul;
        Span<byte> symbol = stackalloc byte[24];
        Span<byte> candidate = stackalloc byte[name.Length + 1];
        for (uint end = index + MaxChain; index < end; index++)
        {
            if (!TryRead32(memory, chains + (index - firstSymbol) * 4ul, out uint link)) return null;
            if ((link | 1) == (hash | 1) && memory.Read(symbols + index * 24ul, symbol))
            {
                uint nameAt = BinaryPrimitives.ReadUInt32LittleEndian(symbol);
                bool fits = nameAt + (ulong)candidate.Length <= stringBytes && memory.Read(strings + nameAt, candidate);
                if (fits && candidate[^1] == 0 && candidate[..^1].SequenceEqual(name))
                    return BinaryPrimitives.ReadUInt64LittleEndian(symbol[8..]);
            }
            if ((link & 1) != 0) break;
        }
        return null;
    }

    static bool TryRead32(IByteSource memory, ulong address, out uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool read = memory.Read(address, bytes);
        value = read ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return read;
    }

    /// <summary>The memory from one address on: what `ElfFile` takes for a file.</summary>
    internal sealed class Shifted(IByteSource memory, ulong start) : IByteSource
    {
        public bool Read(ulong offset, Span<byte> into) => memory.Read(start + offset, into);
    }
}
