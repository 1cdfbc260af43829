using System;
using System.Linq;

namespace Lampyris.Analysis;

// The C# compiler's own names for what has none in the source: "<Main>b__0_1" is a lambda in Main.
internal static class GeneratedName
{
    const int MaxDepth = 16;

    /// <summary>A class that only holds lambdas and what they capture.</summary>
    public static bool IsClosure(string type) => type == "<>c" || type.StartsWith("<>c__", StringComparison.Ordinal) || type.StartsWith("<>O", StringComparison.Ordinal);

    /// <summary>The class of an async method or an iterator, whose code is in its `MoveNext`.</summary>
    public static bool IsStateMachine(string type) => Split(type) is { Inner.Length: > 0 } parts && (parts.Tail == "d" || parts.Tail.StartsWith("d__", StringComparison.Ordinal));

    /// <summary>A member's or type's name as the source has it, as far as it has.</summary>
    public static string Readable(string name) => Readable(name, 0);

    static string Readable(string name, int depth)
    {
        if (depth > MaxDepth) return name;
        if (Split(name) is not { } parts) return depth == 0 ? name : Member(name);
        (string inner, string rest) = parts;
        if (inner.Length == 0)
            return rest.StartsWith("f__AnonymousType", StringComparison.Ordinal) ? "{anonymous}" : IsClosure(name) ? "{closure}" : name;
        if (rest.Length == 0 || rest == "$") return rest.Length == 0 ? name : Readable(inner, depth + 1);
        if (rest.StartsWith("g__", StringComparison.Ordinal)) return Readable(inner, depth + 1) + "." + rest[3..].Split('|')[0];
        if (rest.StartsWith("b__", StringComparison.Ordinal)) return Readable(inner, depth + 1) + " lambda";
        if (rest == "d" || rest.StartsWith("d__", StringComparison.Ordinal)) return Readable(inner, depth + 1);
        // A type that only one file can see: its file, its hash, its name.
        int name2 = rest.IndexOf("__", StringComparison.Ordinal);
        if (rest[0] == 'F' && name2 > 1 && rest.AsSpan(1, name2 - 1).ToArray().All(char.IsAsciiHexDigit)) return rest[(name2 + 2)..];
        return name;
    }

    /// <summary>A member that something is inside of, with as little ceremony as a property or a constructor has in the source.</summary>
    static string Member(string name) => name switch
    {
        ".ctor" => "ctor",
        ".cctor" => "cctor",
        _ when name.StartsWith("get_", StringComparison.Ordinal) && name.Length > 4 => name[4..] + ".get",
        _ when name.StartsWith("set_", StringComparison.Ordinal) && name.Length > 4 => name[4..] + ".set",
        _ => name,
    };

    /// <summary>What is in the brackets that a name begins with, and what is behind them. Null when it begins with none.</summary>
    static (string Inner, string Tail)? Split(string name)
    {
        if (!name.StartsWith('<')) return null;
        for (int i = 0, open = 0; i < name.Length; i++)
        {
            if (name[i] == '<') open++;
            else if (name[i] == '>' && --open == 0) return (name[1..i], name[(i + 1)..]);
        }
        return null;
    }
}
