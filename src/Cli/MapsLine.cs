using System;
using System.Globalization;

namespace Lampyris.Cli;

/// <summary>A mapping, as a line of /proc/PID/maps or the head of an entry of smaps states it.</summary>
/// <param name="Access">Four letters, as in "rw-p".</param>
/// <param name="Name">A path, or what the kernel calls the area, as in "[heap]"; empty where there is none.</param>
internal readonly record struct MapsLine(ulong Start, ulong End, string Access, ulong Offset, ulong Inode, string Name)
{
    const int FieldsBeforeName = 5;

    /// <summary>"start-end perms offset major:minor inode   name"; false for any other line, as those of figures in smaps.</summary>
    public static bool TryParse(string line, out MapsLine mapping)
    {
        mapping = default;
        string[] fields = new string[FieldsBeforeName];
        ReadOnlySpan<char> rest = line;
        for (int i = 0; i < FieldsBeforeName; i++)
        {
            rest = rest.TrimStart(' ');
            int end = rest.IndexOf(' ');
            if (end < 0) end = rest.Length;
            if (end == 0) return false;
            fields[i] = rest[..end].ToString();
            rest = rest[end..];
        }
        string[] range = fields[0].Split('-');
        if (range.Length != 2 || fields[1].Length != 4) return false;
        if (!TryHex(range[0], out ulong first) || !TryHex(range[1], out ulong last) || last < first || !TryHex(fields[2], out ulong offset)) return false;
        if (!ulong.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)) return false;
        mapping = new MapsLine(first, last, fields[1], offset, inode, rest.TrimStart(' ').ToString());
        return true;
    }

    static bool TryHex(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
