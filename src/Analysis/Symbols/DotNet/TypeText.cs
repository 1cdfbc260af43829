using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Lampyris.Analysis;

// Reads the two ways in which the runtime writes a type: reflection's ("System.Collections.Generic.List`1[System.Int32]")
// and that of signatures ("class System.Collections.Generic.List`1<int32>"), and writes it as C# does: "List<int>".
internal ref struct TypeText(ReadOnlySpan<char> text, IReadOnlyList<string> typeArguments)
{
    const int MaxDepth = 64;

    readonly ReadOnlySpan<char> _text = text;
    readonly IReadOnlyList<string> _typeArguments = typeArguments; // what `!0` stands for
    int _at;
    int _depth;

    /// <summary>Names of a type and its generic arguments, outermost type first, without the namespace.</summary>
    public readonly record struct Chain(List<string> Names, List<int> Arities, List<string> Arguments);

    /// <summary>A type from a name as reflection writes it.</summary>
    public static string Readable(ReadOnlySpan<char> type) => new TypeText(type, []).ReadType();

    /// <summary>The types of a parameter list "a,b,c" without the parentheses.</summary>
    public static List<string> ReadableList(ReadOnlySpan<char> types, IReadOnlyList<string> typeArguments)
    {
        var reader = new TypeText(types, typeArguments);
        var list = new List<string>();
        while (reader._at < types.Length)
        {
            int before = reader._at;
            list.Add(reader.ReadType());
            if (reader._at < types.Length && types[reader._at] == ',') reader._at++;
            else if (reader._at == before) break;
        }
        return list;
    }

    /// <summary>A declaring type, taken apart.</summary>
    public static Chain ReadChain(ReadOnlySpan<char> type)
    {
        var reader = new TypeText(type, []);
        return reader.ReadChain();
    }

    string ReadType()
    {
        if (++_depth > MaxDepth)
        {
            _at = _text.Length;
            return "...";
        }
        SkipWords();
        string name;
        if (Peek('!'))
        {
            bool isMethod = _at + 1 < _text.Length && _text[_at + 1] == '!';
            _at += isMethod ? 2 : 1;
            int start = _at;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
            int index = int.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
            name = !isMethod && index < _typeArguments.Count ? _typeArguments[index] : index == 0 ? "T" : "T" + index.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            name = Write(ReadChain());
        }
        name = ReadSuffixes(name);
        _depth--;
        return name;
    }

    /// <summary>Words in front of a type that C# does not say.</summary>
    void SkipWords()
    {
        while (true)
        {
            while (Peek(' ')) _at++;
            if (!(Take("class ") || Take("value class ") || Take("valuetype ") || Take("pinned "))) return;
        }
    }

    string ReadSuffixes(string name)
    {
        var suffix = new StringBuilder();
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '[' && _at + 1 < _text.Length && (_text[_at + 1] is ']' or ',' or '*' or '.' || char.IsAsciiDigit(_text[_at + 1])))
            {
                suffix.Append('[');
                for (_at++; _at < _text.Length && _text[_at] != ']'; _at++)
                    if (_text[_at] == ',') suffix.Append(',');
                suffix.Append(']');
                _at++;
            }
            else if (c is '*' or '&')
            {
                suffix.Append(c);
                _at++;
            }
            else if (c == ' ' && IsEndAfterSpaces())
            {
                _at++;
            }
            else
            {
                break;
            }
        }
        string written = suffix.ToString();
        return written.EndsWith('&') ? "ref " + name + written[..^1] : name + written;
    }

    readonly bool IsEndAfterSpaces()
    {
        ReadOnlySpan<char> rest = _text[_at..].TrimStart(' ');
        return rest.Length == 0 || rest[0] is ',' or '*' or '&' or '[' or ')' or '>' or ']';
    }

    Chain ReadChain()
    {
        int start = _at, angle = 0;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            // A compiler's own names begin with angle brackets: "<Main>d__0". A signature's generic arguments follow a name.
            if (c == '<' && (angle > 0 || BeginsName(start))) angle++;
            else if (c == '>' && angle > 0) angle--;
            else if (angle == 0 && (c is '[' or ']' or ',' or '&' or '*' or '<' or '>' or ')' || (c == ' ' && IsEndAfterSpaces()))) break;
            _at++;
        }
        ReadOnlySpan<char> name = _text[start.._at];
        var arguments = new List<string>();
        char open = _at < _text.Length ? _text[_at] : '\0';
        bool hasArguments = open == '<' || (open == '[' && _at + 1 < _text.Length && !(_text[_at + 1] is ']' or ',' or '*' or '.' || char.IsAsciiDigit(_text[_at + 1])));
        if (hasArguments)
        {
            char close = open == '<' ? '>' : ']';
            _at++;
            while (_at < _text.Length && _text[_at] != close)
            {
                int before = _at;
                arguments.Add(ReadArgument());
                if (Peek(',')) _at++;
                else if (_at == before) break;
            }
            if (_at < _text.Length) _at++;
        }
        return Split(name, arguments);
    }

    /// <summary>A generic argument; reflection's full form puts it in brackets, its assembly behind it.</summary>
    string ReadArgument()
    {
        if (!Peek('[')) return ReadType();
        _at++;
        string type = ReadType();
        while (_at < _text.Length && _text[_at] != ']') _at++;
        if (_at < _text.Length) _at++;
        return type;
    }

    readonly bool BeginsName(int start) => _at == start || _text[_at - 1] is '+' or '/' or '.';

    static Chain Split(ReadOnlySpan<char> full, List<string> arguments)
    {
        var chain = new Chain([], [], arguments);
        int angle = 0, begin = 0;
        for (int i = 0; i <= full.Length; i++)
        {
            char c = i < full.Length ? full[i] : '+';
            if (c == '<') angle++;
            else if (c == '>') angle = Math.Max(0, angle - 1);
            else if ((c is '+' or '/') && (angle == 0 || i == full.Length))
            {
                ReadOnlySpan<char> piece = full[begin..i];
                begin = i + 1;
                int tick = piece.LastIndexOf('`'), arity = 0;
                if (tick > 0 && int.TryParse(piece[(tick + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out arity)) piece = piece[..tick];
                if (chain.Names.Count == 0) piece = WithoutNamespace(piece);
                chain.Names.Add(piece.ToString());
                chain.Arities.Add(arity);
            }
        }
        return chain;
    }

    static ReadOnlySpan<char> WithoutNamespace(ReadOnlySpan<char> name)
    {
        if (Keyword(name) is { } keyword) return keyword;
        int bracket = name.IndexOf('<');
        int dot = (bracket < 0 ? name : name[..bracket]).LastIndexOf('.');
        return dot > 0 && dot < name.Length - 1 ? name[(dot + 1)..] : name;
    }

    /// <summary>A chain as C# writes it, nested types behind a dot, the compiler's own names as they are in the source.</summary>
    public static string Write(Chain chain)
    {
        var written = new StringBuilder();
        int next = 0;
        for (int i = 0; i < chain.Names.Count; i++)
        {
            if (GeneratedName.IsClosure(chain.Names[i]) && i > 0)
            {
                next += chain.Arities[i];
                continue;
            }
            if (written.Length > 0) written.Append('.');
            string name = GeneratedName.Readable(chain.Names[i]);
            // A single argument too many belongs to an array type or the like, whose name has no arity.
            int take = Math.Min(chain.Arities[i], chain.Arguments.Count - next);
            if (i == chain.Names.Count - 1 && chain.Names.Count == 1) take = Math.Max(take, chain.Arguments.Count - next);
            List<string> own = chain.Arguments.GetRange(next, Math.Max(0, take));
            next += own.Count;
            if (own.Count == 1 && name == "Nullable") written.Append(own[0]).Append('?');
            else if (own.Count > 1 && name == "ValueTuple") written.Append('(').AppendJoin(", ", own).Append(')');
            else
            {
                written.Append(name);
                if (own.Count > 0) written.Append('<').AppendJoin(", ", own).Append('>');
                else if (chain.Arities[i] > 0) written.Append('<').AppendJoin(", ", Enumerable.Repeat("_", Math.Min(chain.Arities[i], 16))).Append('>');
            }
        }
        return written.ToString();
    }

    static string? Keyword(ReadOnlySpan<char> name) => name switch
    {
        "System.Boolean" => "bool",
        "System.Byte" or "unsigned int8" or "uint8" => "byte",
        "System.SByte" or "int8" => "sbyte",
        "System.Char" or "wchar" => "char",
        "System.Int16" or "int16" => "short",
        "System.UInt16" or "unsigned int16" or "uint16" => "ushort",
        "System.Int32" or "int32" => "int",
        "System.UInt32" or "unsigned int32" or "uint32" => "uint",
        "System.Int64" or "int64" => "long",
        "System.UInt64" or "unsigned int64" or "uint64" => "ulong",
        "System.IntPtr" or "native int" or "int" => "nint", // the last one where precompiled methods are told
        "System.UIntPtr" or "native uint" or "native unsigned int" or "unsigned native int" or "unsigned int" => "nuint",
        "System.Single" or "float32" => "float",
        "System.Double" or "float64" => "double",
        "System.Decimal" => "decimal",
        "System.String" => "string",
        "System.Object" => "object",
        "System.Void" => "void",
        "System.__Canon" or "__Canon" => "_",
        "refany" or "typed byref" => "TypedReference",
        _ => null,
    };

    readonly bool Peek(char c) => _at < _text.Length && _text[_at] == c;

    bool Take(string word)
    {
        if (!_text[_at..].StartsWith(word, StringComparison.Ordinal)) return false;
        _at += word.Length;
        return true;
    }
}
