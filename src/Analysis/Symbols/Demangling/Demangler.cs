using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Lampyris.Analysis;

// Linker names as the source has them. Rust's are undone here, C++'s by the C++ library that the system has.
internal static unsafe class Demangler
{
    const int MaxNameBytes = 64 * 1024;

    static readonly delegate* unmanaged<byte*, byte*, nuint*, int*, byte*> s_demangle = Load();
    static readonly Dictionary<string, string> s_known = new(StringComparer.Ordinal);

    /// <summary>Whether C++ names can be undone: false where the system has no libstdc++.</summary>
    public static bool KnowsCpp => s_demangle != null;

    public static bool IsMangled(string name) => name.StartsWith("_Z", StringComparison.Ordinal) || name.StartsWith("_R", StringComparison.Ordinal);

    /// <summary>The readable form; the name itself where it is not mangled, or not in a way that is known.</summary>
    public static string Readable(string name)
    {
        // A symbol version is the linker's business.
        int at = name.IndexOf('@');
        if (at > 0 && !name.EndsWith("@plt", StringComparison.Ordinal)) name = name[..at];
        string suffix = at > 0 && name.Length > at ? name[at..] : "";
        string plain = name[..(name.Length - suffix.Length)];
        if (!IsMangled(plain)) return name;
        lock (s_known)
        {
            if (s_known.TryGetValue(plain, out string? known)) return known + suffix;
            string readable = RustLegacyName.Readable(plain) ?? RustName.Readable(plain) ?? Cpp(plain) ?? plain;
            s_known[plain] = readable;
            return readable + suffix;
        }
    }

    static string? Cpp(string name)
    {
        if (s_demangle == null || name.Length > MaxNameBytes || !name.StartsWith("_Z", StringComparison.Ordinal)) return null;
        byte[] text = Bytes.OfText(name);
        int status;
        fixed (byte* p = text)
        {
            byte* result = s_demangle(p, null, null, &status);
            if (result == null) return null;
            string readable = Marshal.PtrToStringUTF8((nint)result)!;
            NativeMemory.Free(result);
            // Which of a function's copies or parts it is, "[clone .cold]", would tear it apart in a call tree.
            int clone = readable.IndexOf(" [clone ", StringComparison.Ordinal);
            return clone < 0 ? readable : readable[..clone];
        }
    }

    static delegate* unmanaged<byte*, byte*, nuint*, int*, byte*> Load() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out nint library) && NativeLibrary.TryGetExport(library, "__cxa_demangle", out nint function)
            ? (delegate* unmanaged<byte*, byte*, nuint*, int*, byte*>)function : null;
}
