using System;
using System.Buffers.Binary;
using System.Text;

namespace Lampyris.Analysis;

// Numbers and strings of damaged, hostile or healthy debug information, one after the other. Reading past the end gives
// zeros and `HasFailed`, so that a parser checks once per entry instead of at each number.
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public bool HasFailed { get; private set; }

    public readonly int Length => _bytes.Length;

    public readonly bool IsAtEnd => HasFailed || Position >= _bytes.Length;

    public readonly int Left => HasFailed ? 0 : _bytes.Length - Position;

    public void Seek(ulong position)
    {
        if (position > (ulong)_bytes.Length) Fail();
        else Position = (int)position;
    }

    public void Skip(ulong count)
    {
        if (count > (ulong)Left) Fail();
        else Position += (int)count;
    }

    public void Fail()
    {
        HasFailed = true;
        Position = _bytes.Length;
    }

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Left)
        {
            Fail();
            return [];
        }
        ReadOnlySpan<byte> taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public byte U8()
    {
        if (Position < _bytes.Length) return _bytes[Position++];
        Fail();
        return 0;
    }

    public ushort U16() => Take(2) is { Length: 2 } at ? BinaryPrimitives.ReadUInt16LittleEndian(at) : (ushort)0;

    public uint U24() => U16() | (uint)U8() << 16;

    public uint U32() => Take(4) is { Length: 4 } at ? BinaryPrimitives.ReadUInt32LittleEndian(at) : 0;

    public ulong U64() => Take(8) is { Length: 8 } at ? BinaryPrimitives.ReadUInt64LittleEndian(at) : 0;

    /// <summary>An offset or a length: 4 bytes in the 32-bit format of DWARF, 8 in the 64-bit one.</summary>
    public ulong Offset(bool is64) => is64 ? U64() : U32();

    /// <summary>An address of <paramref name="bytes"/> bytes, 1, 2, 4 or 8.</summary>
    public ulong Address(int bytes)
    {
        switch (bytes)
        {
            case 8: return U64();
            case 4: return U32();
            case 2: return U16();
            case 1: return U8();
            default:
                Fail();
                return 0;
        }
    }

    /// <summary>The length that begins a unit, and whether it is in the 64-bit format.</summary>
    public ulong UnitLength(out bool is64)
    {
        const uint Escape64 = 0xFFFF_FFFF, FirstReserved = 0xFFFF_FFF0;
        uint length = U32();
        is64 = length == Escape64;
        if (is64) return U64();
        if (length >= FirstReserved) Fail();
        return length;
    }

    public ulong Uleb()
    {
        ulong value = 0;
        for (int shift = 0; Position < _bytes.Length; shift += 7)
        {
            byte b = _bytes[Position++];
            if (shift < 64) value |= (ulong)(b & 0x7F) << shift;
            if ((b & 0x80) == 0) return value;
        }
        Fail();
        return 0;
    }

    public long Sleb()
    {
        long value = 0;
        for (int shift = 0; Position < _bytes.Length;)
        {
            byte b = _bytes[Position++];
            if (shift < 64) value |= (long)(b & 0x7F) << shift;
            shift += 7;
            if ((b & 0x80) != 0) continue;
            return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
        }
        Fail();
        return 0;
    }

    /// <summary>The bytes up to the next zero byte, which is passed.</summary>
    public ReadOnlySpan<byte> StringBytes()
    {
        ReadOnlySpan<byte> rest = _bytes[Position..];
        int end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            Fail();
            return [];
        }
        Position += end + 1;
        return rest[..end];
    }

    public string String() => Encoding.UTF8.GetString(StringBytes());

    /// <summary>The string that begins at an offset of a string section; empty where there is none.</summary>
    public static string StringAt(ReadOnlySpan<byte> section, ulong offset)
    {
        if (offset >= (ulong)section.Length) return "";
        ReadOnlySpan<byte> rest = section[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
    }
}
