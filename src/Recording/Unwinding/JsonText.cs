using System;
using System.Runtime.InteropServices;

namespace Lampyris;

// A piece of a JSON text, found without building anything. Made for texts that are known to be well-formed; on others it finds nothing, or
// the wrong thing, and always ends.
[StructLayout(LayoutKind.Sequential)]
unsafe struct JsonText(byte* from, byte* end)
{
    readonly byte* _from = from, _end = end;

    /// <summary>The value of a member of an object. False when this is no object or has no such member.</summary>
    public readonly bool TryGet(ReadOnlySpan<byte> name, out JsonText value)
    {
        value = default;
        byte* at = SkipSpace(_from);
        if (at >= _end || *at != '{') return false;
        at = SkipSpace(at + 1);
        while (at < _end && *at == '"')
        {
            byte* key = at;
            at = SkipSpace(SkipValue(at));
            if (at >= _end || *at != ':') return false;
            byte* start = SkipSpace(at + 1), stop = SkipValue(start);
            if (Matches(key, name))
            {
                value = new JsonText(start, stop);
                return true;
            }
            at = SkipSpace(stop);
            if (at >= _end || *at != ',') return false;
            at = SkipSpace(at + 1);
        }
        return false;
    }

    /// <summary>
    /// The first number of a number, a string, or an array however deep: 24, "0x18", [24, "pointer"], [[24], "pointer"].
    /// False when there is none.
    /// </summary>
    public readonly bool TryGetNumber(out long number)
    {
        number = 0;
        byte* at = _from;
        while (at < _end && (*at is (byte)'[' or (byte)'"' or (byte)' ')) at++;
        bool isHex = at + 1 < _end && at[0] == '0' && at[1] == 'x';
        if (isHex) at += 2;
        byte* first = at;
        for (; at < _end; at++)
        {
            int digit = *at is >= (byte)'0' and <= (byte)'9' ? *at - '0' : isHex && (*at | 0x20) is >= 'a' and <= 'f' ? (*at | 0x20) - 'a' + 10 : -1;
            if (digit < 0) break;
            number = number * (isHex ? 16 : 10) + digit;
        }
        return at > first;
    }

    readonly bool Matches(byte* quoted, ReadOnlySpan<byte> name)
    {
        if (_end - quoted < name.Length + 2 || quoted[name.Length + 1] != '"') return false;
        for (int i = 0; i < name.Length; i++)
            if (quoted[i + 1] != name[i]) return false;
        return true;
    }

    readonly byte* SkipSpace(byte* at)
    {
        while (at < _end && (*at is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) at++;
        return at;
    }

    // Behind a string, a number, a word, or all that a bracket holds.
    readonly byte* SkipValue(byte* at)
    {
        int depth = 0;
        for (; at < _end; at++)
        {
            byte one = *at;
            if (one == '"')
            {
                for (at++; at < _end && *at != '"'; at++)
                    if (*at == '\\') at++;
                if (at >= _end) return _end;
                if (depth == 0) return at + 1;
            }
            else if (one is (byte)'{' or (byte)'[')
            {
                depth++;
            }
            else if (one is (byte)'}' or (byte)']')
            {
                if (depth == 0) return at;
                if (--depth == 0) return at + 1;
            }
            else if (depth == 0 && (one is (byte)',' or (byte)' ' or (byte)'\n'))
            {
                return at;
            }
        }
        return _end;
    }
}
