using System;
using System.Text;

namespace Lampyris.Analysis;

// Takes a record's payload apart. It never throws: what does not fit sets `IsDamaged`, and from then on everything is 0 or empty.
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    /// <summary>Largest number that is taken from a file as bytes or a count: exact in a double, and so in JSON; many of them add up without overflow.</summary>
    public const long MaxNumber = 1L << 53;

    ReadOnlySpan<byte> _rest = payload;

    public bool IsDamaged { get; private set; }

    public readonly int RestBytes => _rest.Length;

    public ulong Varint()
    {
        ReadOnlySpan<byte> rest = _rest;
        if (rest.Length > 0 && rest[0] < 0x80)
        {
            _rest = rest[1..];
            return rest[0];
        }
        ulong value = 0;
        int most = Math.Min(rest.Length, ProfileFormat.MaxVarintBytes);
        for (int i = 0; i < most; i++)
        {
            ulong bits = rest[i] & 0x7Fu;
            if (i == ProfileFormat.MaxVarintBytes - 1 && rest[i] > 1) break;    // more than 64 bits
            value |= bits << (7 * i);
            if (rest[i] >= 0x80) continue;
            _rest = rest[(i + 1)..];
            return value;
        }
        return Damage();
    }

    /// <summary>A varint of bytes, allocations or the like; what is larger than `MaxNumber` becomes that.</summary>
    public long Number() => (long)Math.Min(Varint(), (ulong)MaxNumber);

    /// <summary>How many things follow, of at least so many bytes each.</summary>
    public int Count(int leastBytesEach)
    {
        ulong count = Varint();
        return count <= (ulong)(_rest.Length / leastBytesEach) ? (int)count : (int)Damage();
    }

    public long Zigzag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Bytes()
    {
        ulong length = Varint();
        if (length > (ulong)_rest.Length)
        {
            Damage();
            return default;
        }
        ReadOnlySpan<byte> bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    /// <summary>Bytes that are no UTF-8 become replacement characters.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    ulong Damage()
    {
        IsDamaged = true;
        _rest = default;
        return 0;
    }
}
