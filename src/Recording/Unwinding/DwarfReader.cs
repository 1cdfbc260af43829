using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

// Reads DWARF's numbers from a piece of an object's mapping. Beyond its end everything reads as 0 and `Failed` is set.
[StructLayout(LayoutKind.Sequential)]
unsafe struct DwarfReader(ulong from, ulong end)
{
    // How .eh_frame encodes an address: a format, what it is relative to, and whether what lies there is meant.
    public const byte Omitted = 0xFF;
    const int PcRelative = 0x10, DataRelative = 0x30, Indirect = 0x80;

    public ulong At = from;
    readonly ulong _end = end;
    public bool Failed;

    public readonly bool IsAtEnd => Failed || At >= _end;

    public byte Byte()
    {
        if (!Has(1)) return 0;
        return *(byte*)At++;
    }

    public ushort UInt16() => Has(2) ? Unsafe.ReadUnaligned<ushort>((void*)Take(2)) : (ushort)0;

    public uint UInt32() => Has(4) ? Unsafe.ReadUnaligned<uint>((void*)Take(4)) : 0;

    public ulong UInt64() => Has(8) ? Unsafe.ReadUnaligned<ulong>((void*)Take(8)) : 0;

    /// <summary>Unsigned LEB128; what exceeds 64 bits is lost.</summary>
    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = Byte();
            if (shift < 64) value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }

    /// <summary>Signed LEB128.</summary>
    public long Signed()
    {
        long value = 0;
        for (int shift = 0; ;)
        {
            byte part = Byte();
            if (shift < 64) value |= (long)(part & 0x7F) << shift;
            shift += 7;
            if (part >= 0x80) continue;
            return shift < 64 && (part & 0x40) != 0 ? value | -1L << shift : value;
        }
    }

    /// <summary>An address in one of .eh_frame's encodings; <paramref name="data"/> is what "relative to data" means here, 0: nothing.</summary>
    public ulong Address(byte encoding, ulong data)
    {
        if (encoding == Omitted) return 0;
        ulong place = At;
        ulong value = Number(encoding);
        if (value == 0) return 0;
        switch (encoding & 0x70)
        {
            case 0: break;
            case PcRelative: value += place; break;
            case DataRelative when data != 0: value += data; break;
            default: Failed = true; return 0;
        }
        Failed |= (encoding & Indirect) != 0;   // personality routines have it, code has not
        return value;
    }

    /// <summary>The number alone, as an FDE gives the length of its range.</summary>
    public ulong Number(byte encoding)
    {
        switch (encoding & 0x0F)
        {
            case 0x00 or 0x04 or 0x0C: return UInt64();
            case 0x01: return Unsigned();
            case 0x02: return UInt16();
            case 0x03: return UInt32();
            case 0x09: return (ulong)Signed();
            case 0x0A: return (ulong)(short)UInt16();
            case 0x0B: return (ulong)(int)UInt32();
            default: Failed = true; return 0;
        }
    }

    public void Skip(ulong bytes)
    {
        if (bytes > _end - At || Failed) Failed = true;
        else At += bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool Has(uint bytes)
    {
        if (!Failed && At <= _end && _end - At >= bytes) return true;
        Failed = true;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ulong Take(uint bytes)
    {
        ulong place = At;
        At += bytes;
        return place;
    }
}
