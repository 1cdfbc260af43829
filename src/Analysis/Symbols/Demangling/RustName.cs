using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Lampyris.Analysis;

// Rust's newer scheme, "v0": "_R" and a path, whose parts may refer back to what was said before. Written without the
// hashes that tell two builds of one crate apart.
internal ref struct RustName
{
    const int MaxDepth = 200, MaxLength = 32 * 1024;

    readonly ReadOnlySpan<char> _text;
    readonly StringBuilder _written;
    int _at, _depth, _lifetimes, _muted;

    RustName(ReadOnlySpan<char> text)
    {
        _text = text;
        _written = new StringBuilder();
    }

    /// <summary>Null when the name is not of this kind.</summary>
    public static string? Readable(string name)
    {
        if (!name.StartsWith("_R", StringComparison.Ordinal) || name.Length < 4 || char.IsAsciiDigit(name[2])) return null;
        // What the compiler appends to copies of a function comes behind a dot.
        int end = name.IndexOf('.', StringComparison.Ordinal);
        var reader = new RustName(name.AsSpan(2, (end < 0 ? name.Length : end) - 2));
        // The crate that it was instantiated in may follow: it is nothing to a reader.
        return reader.Path(isValue: true) && reader._written.Length is > 0 and < MaxLength ? reader._written.ToString() : null;
    }

    readonly void Write(string text)
    {
        if (_muted == 0 && _written.Length < MaxLength) _written.Append(text);
    }

    bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    char Next() => _at < _text.Length ? _text[_at++] : '\0';

    /// <summary>Base 62, ended by an underscore: "_" is 0, "0_" is 1.</summary>
    ulong? Number()
    {
        if (Take('_')) return 0;
        ulong value = 0;
        while (_at < _text.Length)
        {
            char c = _text[_at++];
            if (c == '_') return value + 1;
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetterLower(c) ? c - 'a' + 10 : char.IsAsciiLetterUpper(c) ? c - 'A' + 36 : -1;
            if (digit < 0 || value > ulong.MaxValue / 64) return null;
            value = value * 62 + (ulong)digit;
        }
        return null;
    }

    /// <summary>A number behind a letter, one more than it says; 0 where the letter is not there.</summary>
    ulong? Optional(char letter) => !Take(letter) ? 0 : Number() is { } number ? number + 1 : null;

    (string Name, ulong Disambiguator)? Identifier()
    {
        if (Optional('s') is not { } disambiguator) return null;
        bool isPunycode = Take('u');
        int digits = _at, length = 0;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]) && length < MaxLength)
        {
            length = length * 10 + (_text[_at++] - '0');
            if (length == 0) break;
        }
        if (_at == digits) return null;
        Take('_');
        if (length > _text.Length - _at) return null;
        ReadOnlySpan<char> name = _text.Slice(_at, length);
        _at += length;
        return (isPunycode ? Punycode(name) ?? name.ToString() : name.ToString(), disambiguator);
    }

    bool Path(bool isValue)
    {
        if (++_depth > MaxDepth) return false;
        bool isRead = ReadPath(isValue);
        _depth--;
        return isRead;
    }

    bool ReadPath(bool isValue)
    {
        switch (Next())
        {
            case 'C':
                if (Identifier() is not { } crate) return false;
                Write(crate.Name);
                return true;
            case 'N':
                char space = Next();
                if (!char.IsAsciiLetter(space) || !Path(isValue) || Identifier() is not { } name) return false;
                if (char.IsAsciiLetterUpper(space))
                {
                    string kind = space == 'C' ? "closure" : space == 'S' ? "shim" : space.ToString();
                    string index = name.Disambiguator.ToString(CultureInfo.InvariantCulture);
                    Write("::{" + kind + (name.Name.Length > 0 ? ":" + name.Name : "") + "#" + index + "}");
                }
                else if (name.Name.Length > 0)
                {
                    Write("::" + name.Name);
                }
                return true;
            case 'M':
                return ImplPath() && Wrapped("<", ">", isTrait: false);
            case 'X':
                return ImplPath() && Wrapped("<", ">", isTrait: true);
            case 'Y':
                return Wrapped("<", ">", isTrait: true);
            case 'I':
                if (!Path(isValue)) return false;
                Write(isValue ? "::<" : "<");
                if (!List(static (ref RustName reader) => reader.GenericArgument())) return false;
                Write(">");
                return true;
            case 'B':
                return Back(static (ref RustName reader, bool isValue) => reader.Path(isValue), isValue);
            default:
                return false;
        }
    }

    /// <summary>Where the `impl` is written, which is not part of the name.</summary>
    bool ImplPath()
    {
        _muted++;
        bool isRead = Optional('s') is not null && Path(isValue: false);
        _muted--;
        return isRead;
    }

    bool Wrapped(string before, string after, bool isTrait)
    {
        Write(before);
        if (!Type()) return false;
        if (isTrait)
        {
            Write(" as ");
            if (!Path(isValue: false)) return false;
        }
        Write(after);
        return true;
    }

    delegate bool Item(ref RustName reader);

    delegate bool BackItem(ref RustName reader, bool isValue);

    bool List(Item item, string separator = ", ")
    {
        for (int count = 0; !Take('E'); count++)
        {
            if (_at >= _text.Length) return false;
            if (count > 0) Write(separator);
            if (!item(ref this)) return false;
        }
        return true;
    }

    /// <summary>What was said at an earlier place, once more.</summary>
    bool Back(BackItem item, bool isValue)
    {
        int here = _at - 1;
        if (Number() is not { } target || target >= (ulong)here) return false;
        // Muted text is not needed, and going back again and again could take for ever.
        if (_muted > 0 || _written.Length >= MaxLength) return _muted > 0;
        int resume = _at;
        _at = (int)target;
        bool isRead = item(ref this, isValue);
        _at = resume;
        return isRead;
    }

    bool GenericArgument()
    {
        if (Take('L')) return Lifetime();
        if (Take('K')) return Constant();
        return Type();
    }

    bool Lifetime()
    {
        if (Number() is not { } index) return false;
        WriteLifetime(index);
        return true;
    }

    readonly void WriteLifetime(ulong index)
    {
        if (index == 0 || index > (ulong)_lifetimes) Write("'_");
        else
        {
            ulong depth = (ulong)_lifetimes - index;
            Write(depth < 26 ? "'" + (char)('a' + depth) : "'_" + depth.ToString(CultureInfo.InvariantCulture));
        }
    }

    bool Type()
    {
        if (++_depth > MaxDepth) return false;
        bool isRead = ReadType();
        _depth--;
        return isRead;
    }

    bool ReadType()
    {
        char kind = Next();
        if (Basic(kind) is { } basic)
        {
            Write(basic);
            return true;
        }
        switch (kind)
        {
            case 'A' or 'S':
                Write("[");
                if (!Type()) return false;
                if (kind == 'A')
                {
                    Write("; ");
                    if (!Constant()) return false;
                }
                Write("]");
                return true;
            case 'T':
                Write("(");
                int count = 0;
                while (!Take('E'))
                {
                    if (_at >= _text.Length) return false;
                    if (count++ > 0) Write(", ");
                    if (!Type()) return false;
                }
                Write(count == 1 ? ",)" : ")");
                return true;
            case 'R' or 'Q':
                Write("&");
                if (Take('L'))
                {
                    if (Number() is not { } lifetime) return false;
                    if (lifetime != 0)
                    {
                        WriteLifetime(lifetime);
                        Write(" ");
                    }
                }
                if (kind == 'Q') Write("mut ");
                return Type();
            case 'P' or 'O':
                Write(kind == 'P' ? "*const " : "*mut ");
                return Type();
            case 'F':
                return Function();
            case 'D':
                return Dynamic();
            case 'B':
                return Back(static (ref RustName reader, bool _) => reader.Type(), false);
            default:
                _at--;
                return Path(isValue: false);
        }
    }

    bool Binder()
    {
        if (Optional('G') is not { } count || count > 64) return false;
        if (count == 0) return true;
        Write("for<");
        for (ulong i = 0; i < count; i++)
        {
            if (i > 0) Write(", ");
            _lifetimes++;
            WriteLifetime(1);
        }
        Write("> ");
        return true;
    }

    bool Function()
    {
        int lifetimes = _lifetimes;
        if (!Binder()) return false;
        if (Take('U')) Write("unsafe ");
        if (Take('K'))
        {
            string abi = "C";
            if (!Take('C'))
            {
                if (Identifier() is not { } name) return false;
                abi = name.Name.Replace('_', '-');
            }
            Write("extern \"" + abi + "\" ");
        }
        Write("fn(");
        if (!List(static (ref RustName reader) => reader.Type())) return false;
        Write(")");
        if (!Take('u'))
        {
            Write(" -> ");
            if (!Type()) return false;
        }
        _lifetimes = lifetimes;
        return true;
    }

    bool Dynamic()
    {
        Write("dyn ");
        int lifetimes = _lifetimes;
        if (!Binder() || !List(static (ref RustName reader) => reader.DynamicTrait(), " + ")) return false;
        _lifetimes = lifetimes;
        if (!Take('L') || Number() is not { } lifetime) return false;
        if (lifetime == 0) return true;
        Write(" + ");
        WriteLifetime(lifetime);
        return true;
    }

    /// <summary>A trait whose list of arguments stays open for the associated types that follow.</summary>
    bool DynamicTrait()
    {
        if (OpenPath() is not { } isOpen) return false;
        while (Take('p'))
        {
            Write(isOpen ? ", " : "<");
            isOpen = true;
            if (Identifier() is not { } name) return false;
            Write(name.Name + " = ");
            if (!Type()) return false;
        }
        if (isOpen) Write(">");
        return true;
    }

    bool? OpenPath()
    {
        if (_at >= _text.Length) return null;
        if (_text[_at] == 'B')
        {
            _at++;
            int here = _at - 1;
            if (Number() is not { } target || target >= (ulong)here || ++_depth > MaxDepth) return null;
            int resume = _at;
            _at = (int)target;
            bool? isOpen = OpenPath();
            _at = resume;
            _depth--;
            return isOpen;
        }
        if (!Take('I')) return Path(isValue: false) ? false : null;
        if (!Path(isValue: false)) return null;
        Write("<");
        return List(static (ref RustName reader) => reader.GenericArgument()) ? true : null;
    }

    bool Constant()
    {
        if (++_depth > MaxDepth) return false;
        bool isRead = ReadConstant();
        _depth--;
        return isRead;
    }

    bool ReadConstant()
    {
        if (Take('B')) return Back(static (ref RustName reader, bool _) => reader.Constant(), false);
        if (Take('p'))
        {
            Write("_");
            return true;
        }
        char kind = Next();
        bool isNegative = Take('n');
        int start = _at;
        while (_at < _text.Length && char.IsAsciiHexDigitLower(_text[_at])) _at++;
        ReadOnlySpan<char> digits = _text[start.._at].TrimStart('0');
        if (!Take('_')) return false;
        bool isSmall = ulong.TryParse(digits.Length == 0 ? "0" : digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value);
        switch (kind)
        {
            case 'b':
                Write(value == 0 ? "false" : "true");
                return value < 2;
            case 'c':
                if (!isSmall || value > 0x10FFFF || !Rune.IsValid((int)value)) return false;
                Write("'" + new Rune((int)value) + "'");
                return true;
            default:
                if (!"aslxnihtmyoj".Contains(kind, StringComparison.Ordinal)) return false;
                Write((isNegative ? "-" : "") + (isSmall ? value.ToString(CultureInfo.InvariantCulture) : "0x" + digits.ToString()));
                return true;
        }
    }

    static string? Basic(char kind) => kind switch
    {
        'a' => "i8",
        'b' => "bool",
        'c' => "char",
        'd' => "f64",
        'e' => "str",
        'f' => "f32",
        'h' => "u8",
        'i' => "isize",
        'j' => "usize",
        'l' => "i32",
        'm' => "u32",
        'n' => "i128",
        'o' => "u128",
        's' => "i16",
        't' => "u16",
        'u' => "()",
        'v' => "...",
        'x' => "i64",
        'y' => "u64",
        'z' => "!",
        'p' => "_",
        _ => null,
    };

    /// <summary>RFC 3492 with an underscore for its hyphen: the plain letters, then where the others go.</summary>
    static string? Punycode(ReadOnlySpan<char> name)
    {
        const int Base = 36, Low = 1, High = 26, Skew = 38, Damp = 700, MaxRunes = 1024;
        var runes = new List<int>();
        int split = name.LastIndexOf('_');
        foreach (char c in split > 0 ? name[..split] : "") runes.Add(c);
        ReadOnlySpan<char> rest = name[(split + 1)..];
        long point = 128, index = 0, bias = 72;
        bool isFirst = true;
        for (int at = 0; at < rest.Length;)
        {
            long before = index, weight = 1;
            for (long k = Base; ; k += Base)
            {
                if (at >= rest.Length) return null;
                char c = rest[at++];
                int digit = char.IsAsciiLetterLower(c) ? c - 'a' : char.IsAsciiDigit(c) ? c - '0' + 26 : -1;
                if (digit < 0) return null;
                index += digit * weight;
                long threshold = Math.Clamp(k - bias, Low, High);
                if (digit < threshold) break;
                weight *= Base - threshold;
                if (index > int.MaxValue || weight > int.MaxValue) return null;
            }
            int count = runes.Count + 1;
            long delta = (index - before) / (isFirst ? Damp : 2);
            isFirst = false;
            delta += delta / count;
            long step = 0;
            for (; delta > (Base - Low) * High / 2; step += Base) delta /= Base - Low;
            bias = step + (Base - Low + 1) * delta / (delta + Skew);
            point += index / count;
            index %= count;
            if (point > 0x10FFFF || !Rune.IsValid((int)point) || count > MaxRunes) return null;
            runes.Insert((int)index++, (int)point);
        }
        var written = new StringBuilder();
        foreach (int rune in runes) written.Append(new Rune(rune));
        return written.ToString();
    }
}
