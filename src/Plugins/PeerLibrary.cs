using System;

namespace Lampyris;

// The real library behind a plugin: Debian's, or the one whose path an environment variable names.
static unsafe class PeerLibrary
{
    /// <summary>Opens it; null after a line on stderr that says why it can't be and what to do. Texts end in a zero byte.</summary>
    public static void* Open(ReadOnlySpan<byte> variable, ReadOnlySpan<byte> usualName, ReadOnlySpan<byte> debianPackage)
    {
        fixed (byte* name = usualName, place = variable, package = debianPackage)
        {
            byte* chosen = CLibrary.GetEnvironment(place);
            if (chosen != null && *chosen == 0) chosen = null;
            void* library = CLibrary.OpenLibrary(chosen == null ? name : chosen);
            if (library != null) return library;
            TextLine line = default;
            line.Append("lampyris: "u8);
            line.Append(CLibrary.LastLoadError());
            CLibrary.Complain(line);
            line = default;
            line.Append("lampyris: install "u8);
            line.Append(package);
            line.Append(", or name the library in "u8);
            line.Append(place);
            CLibrary.Complain(line);
            return null;
        }
    }

    /// <summary>A function of the library, whose name ends in a zero byte; null, after a line on stderr, where it has none.</summary>
    public static void* Function(void* library, ReadOnlySpan<byte> zeroEndedName)
    {
        fixed (byte* name = zeroEndedName)
        {
            void* function = CLibrary.FindFunction(library, name);
            if (function != null) return function;
            TextLine line = default;
            line.Append("lampyris: the library has no "u8);
            line.Append(name);
            CLibrary.Complain(line);
            return null;
        }
    }

    /// <summary>Whether the library has a function of this name, which ends in a zero byte.</summary>
    public static bool Has(void* library, ReadOnlySpan<byte> zeroEndedName)
    {
        fixed (byte* name = zeroEndedName) return CLibrary.FindFunction(library, name) != null;
    }
}
