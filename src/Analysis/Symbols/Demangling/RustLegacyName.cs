using System;
using System.Globalization;
using System.Text;

namespace Lampyris.Analysis;

// Rust's older scheme looks like C++'s: "_ZN", pieces with their lengths, the last of them "h" and a hash of 16 digits.
internal static class RustLegacyName
{
    /// <summary>Null when the name is not of this kind.</summary>
    public static string? Readable(string name)
    {
        if (!name.StartsWith("_ZN", StringComparison.Ordinal)) return null;
        var written = new StringBuilder();
        string? last = null;
        int at = 3;
        while (at < name.Length && name[at] != 'E')
        {
            int digits = at;
            while (at < name.Length && char.IsAsciiDigit(name[at])) at++;
            if (at == digits || !int.TryParse(name.AsSpan(digits, at - digits), NumberStyles.None, CultureInfo.InvariantCulture, out int length)) return null;
            if (length > name.Length - at) return null;
            if (last != null) Append(written, last);
            last = name.Substring(at, length);
            at += length;
        }
        bool isRust = at < name.Length && last is { Length: 17 } hash && hash[0] == 'h' && IsHex(hash.AsSpan(1));
        return isRust && written.Length > 0 ? written.ToString() : null;
    }

    static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (!char.IsAsciiHexDigitLower(c)) return false;
        return true;
    }

    static void Append(StringBuilder written, string piece)
    {
        if (written.Length > 0) written.Append("::");
        // An underscore is put in front of what a name can't begin with.
        int at = piece.StartsWith("_$", StringComparison.Ordinal) ? 1 : 0;
        while (at < piece.Length)
        {
            if (piece[at] == '.' && at + 1 < piece.Length && piece[at + 1] == '.')
            {
                written.Append("::");
                at += 2;
                continue;
            }
            int end = piece[at] == '$' ? piece.IndexOf('$', at + 1) : -1;
            if (end > 0 && Escape(piece.AsSpan(at + 1, end - at - 1)) is { } character)
            {
                written.Append(character);
                at = end + 1;
                continue;
            }
            written.Append(piece[at] == '.' ? '-' : piece[at]);
            at++;
        }
    }

    static string? Escape(ReadOnlySpan<char> code) => code switch
    {
        "SP" => "@",
        "BP" => "*",
        "RF" => "&",
        "LT" => "<",
        "GT" => ">",
        "LP" => "(",
        "RP" => ")",
        "C" => ",",
        _ when code.Length > 1 && code[0] == 'u' && int.TryParse(code[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
            && Rune.IsValid(point) => new Rune(point).ToString(),
        _ => null,
    };
}
