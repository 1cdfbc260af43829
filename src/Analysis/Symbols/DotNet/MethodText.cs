using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// The runtime's three texts for a method (its type, its name, its signature) as a C# programmer would write it.
internal static class MethodText
{
    /// <summary>A method's readable name, parameters and all: "List&lt;int&gt;.Add(int)".</summary>
    /// <param name="type">as reflection writes it; empty for global methods, "dynamicClass" for those made at run time</param>
    /// <param name="name">as the metadata has it</param>
    /// <param name="signature">as the runtime's events have it; empty where not known</param>
    /// <param name="signatureOf">the signature of an async method or iterator by its type and name, as its code's own has none; null where not known</param>
    public static string Readable(string type, string name, string signature, Func<string, string, string?>? signatureOf = null)
    {
        if (type == "dynamicClass" || name.StartsWith("IL_STUB", StringComparison.Ordinal)) return Dynamic(name, signature);
        TypeText.Chain chain = TypeText.ReadChain(type);
        string parameters = Parameters(signature, chain.Arguments);
        int last = chain.Names.Count - 1;
        string member;
        if (last > 0 && GeneratedName.IsStateMachine(chain.Names[last]))
        {
            string method = chain.Names[last];
            chain = WithoutLast(chain);
            member = GeneratedName.Readable(method);
            // Its other members are called by the runtime and by foreach: they are named, its code is the method itself.
            if (name != "MoveNext") return Qualified(chain, member) + "." + ShortInterface(name) + parameters;
            if (member.EndsWith(" lambda", StringComparison.Ordinal)) return Qualified(chain, member);
            int nested = type.LastIndexOf('+' + method, StringComparison.Ordinal);
            return Qualified(chain, member) + (nested > 0 && signatureOf?.Invoke(type[..nested], method[1..method.LastIndexOf('>')]) is { } found ? Parameters(found, chain.Arguments) : "(...)");
        }
        string closure = last > 0 && GeneratedName.IsClosure(chain.Names[last]) ? ".{closure}" : "";
        if (name == ".ctor") return "new " + TypeText.Write(chain) + closure + parameters;
        if (name == ".cctor") return "static " + TypeText.Write(chain) + closure + "()";
        member = GeneratedName.Readable(ShortInterface(name));
        if (member.EndsWith(" lambda", StringComparison.Ordinal)) return Qualified(chain, member);
        return Accessor(chain, member) ?? Qualified(chain, member) + parameters;
    }

    static TypeText.Chain WithoutLast(TypeText.Chain chain) =>
        new(chain.Names[..^1], chain.Arities[..^1], chain.Arguments);

    static string Qualified(TypeText.Chain chain, string member)
    {
        string type = TypeText.Write(chain);
        return type.Length == 0 ? member : type + "." + member;
    }

    static string? Accessor(TypeText.Chain chain, string member)
    {
        int dot = member.LastIndexOf('.');
        string plain = member[(dot + 1)..], before = member[..(dot + 1)];
        foreach ((string prefix, string suffix) in new[] { ("get_", "get"), ("set_", "set"), ("add_", "add"), ("remove_", "remove") })
        {
            if (!plain.StartsWith(prefix, StringComparison.Ordinal) || plain.Length == prefix.Length) continue;
            string property = plain[prefix.Length..];
            return Qualified(chain, before + (property == "Item" ? "this[]" : property) + "." + suffix);
        }
        return null;
    }

    /// <summary>An explicitly implemented member is named with its whole interface: only the interface's own name is kept.</summary>
    static string ShortInterface(string name)
    {
        if (name.StartsWith('<') || name.StartsWith('.')) return name;
        int dot = -1;
        for (int i = name.Length - 1, open = 0; i > 0 && dot < 0; i--)
        {
            if (name[i] == '>') open++;
            else if (name[i] == '<') open--;
            else if (name[i] == '.' && open == 0) dot = i;
        }
        return dot <= 0 ? name : TypeText.Readable(name.AsSpan(0, dot)) + name[dot..];
    }

    static string Parameters(string signature, IReadOnlyList<string> typeArguments)
    {
        int open = signature.IndexOf('('), close = signature.LastIndexOf(')');
        if (open < 0 || close < open) return "()";
        // The return type of a method may be a function pointer, with parentheses of its own: the list is the last pair.
        open = LastOpen(signature, close);
        return "(" + string.Join(", ", TypeText.ReadableList(signature.AsSpan(open + 1, close - open - 1), typeArguments)) + ")";
    }

    static int LastOpen(string signature, int close)
    {
        int depth = 0;
        for (int i = close; i >= 0; i--)
        {
            if (signature[i] == ')') depth++;
            else if (signature[i] == '(' && --depth == 0) return i;
        }
        return 0;
    }

    /// <summary>The stub for a call of native code, by the method that declares it.</summary>
    public static string Import(string type, string name) => "[P/Invoke] " + (type.Length == 0 ? name : TypeText.Readable(type) + "." + name);

    static string Dynamic(string name, string signature) => name switch
    {
        "IL_STUB_PInvoke" => "[P/Invoke]" + Parameters(signature, []),
        "IL_STUB_ReversePInvoke" => "[native to managed]" + Parameters(signature, []),
        "IL_STUB_DelegateInvoke" or "IL_STUB_MulticastDelegate_Invoke" => "[delegate call]",
        "IL_STUB_InstantiatingStub" => "[generic instantiation]",
        "IL_STUB_UnboxingStub" => "[unboxing]",
        "IL_STUB_StructMarshal" => "[struct marshalling]",
        "IL_STUB_Array" or "IL_STUB_ArrayStub" => "[array access]",
        _ when name.StartsWith("IL_STUB", StringComparison.Ordinal) => "[" + name["IL_STUB".Length..].TrimStart('_').Replace('_', ' ') + " stub]",
        _ => "[dynamic] " + name,
    };

    /// <summary>Code that the runtime makes for itself, between two methods of the program.</summary>
    public static bool IsStub(string name) => name.StartsWith("IL_STUB", StringComparison.Ordinal);
}
