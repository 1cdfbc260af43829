using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Where the dynamic loader finds a library, in its order (man ld.so): DT_RPATH of who needs it and of whoever loaded
// that one, unless it has a DT_RUNPATH; LD_LIBRARY_PATH; DT_RUNPATH; the cache; the usual directories.
internal sealed class LibrarySearch
{
    public const string MuslLoader = "ld-musl";
    const int MaxAncestors = 64;

    readonly string _libraryPath;
    readonly string _interpreter;

    /// <param name="interpreter">The program's loader; empty for a library, which has none of its own.</param>
    /// <param name="libraryPath">LD_LIBRARY_PATH, or empty.</param>
    public LibrarySearch(string interpreter, string libraryPath) => (_interpreter, _libraryPath) = (interpreter, libraryPath);

    static string Triplet => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    static string Platform => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";

    bool IsMusl => _interpreter.Contains(MuslLoader, StringComparison.Ordinal);

    /// <summary>Null when there is none: the program would not start.</summary>
    public string? Find(string name, LoadedObject neededBy)
    {
        if (name.Contains('/')) return IsLibrary(Expand(name, neededBy)) ? Expand(name, neededBy) : null;
        if (IsMusl && (name.StartsWith("libc.musl-", StringComparison.Ordinal) || name is "libc.so")) return _interpreter;
        foreach (string directory in Before(neededBy))
            if (IsLibrary(Path.Combine(directory, name))) return Path.Combine(directory, name);
        if (!IsMusl && neededBy.Dynamic is not { HasNoDefaultLibraries: true } && LoaderCache.Find(name) is { } cached) return cached;
        return neededBy.Dynamic is { HasNoDefaultLibraries: true } ? null
            : Usual().Select(directory => Path.Combine(directory, name)).FirstOrDefault(IsLibrary);
    }

    IEnumerable<string> Before(LoadedObject neededBy)
    {
        if (neededBy.Dynamic is not { RunPath.Length: > 0 })
        {
            LoadedObject? ancestor = neededBy;
            for (int i = 0; i < MaxAncestors && ancestor is not null; i++, ancestor = ancestor.NeededBy)
                foreach (string directory in Directories(ancestor.Dynamic is { RunPath.Length: 0 } dynamic ? dynamic.RPath : "", ancestor)) yield return directory;
        }
        foreach (string directory in Directories(_libraryPath, neededBy)) yield return directory;
        foreach (string directory in Directories(neededBy.Dynamic?.RunPath ?? "", neededBy)) yield return directory;
    }

    string[] Usual() => IsMusl ? ["/lib", "/usr/local/lib", "/usr/lib"]
        : [$"/lib/{Triplet}", $"/usr/lib/{Triplet}", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

    static IEnumerable<string> Directories(string list, LoadedObject origin) =>
        list.Length == 0 ? [] : list.Split(':', ';').Select(each => each.Length == 0 ? "." : Expand(each, origin));

    /// <summary>Puts in what the loader knows under a name with a dollar.</summary>
    static string Expand(string text, LoadedObject origin)
    {
        if (!text.Contains('$')) return text;
        (string Name, string Value)[] known = [("ORIGIN", origin.Origin), ("LIB", $"lib/{Triplet}"), ("PLATFORM", Platform)];
        foreach ((string name, string value) in known)
            text = text.Replace("${" + name + "}", value, StringComparison.Ordinal).Replace("$" + name, value, StringComparison.Ordinal);
        return text;
    }

    static bool IsLibrary(string path)
    {
        using FileBytes? file = Linux.TryStatus(Bytes.OfText(path), out Linux.FileStatus status) && status.IsRegular ? FileBytes.Open(path) : null;
        return file is not null && ElfFile.Read(file) is { Is64Bit: true } elf && elf.Machine == ElfFile.HostMachine;
    }
}
