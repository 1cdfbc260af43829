using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Turns `--allocator NAME|PATH` into a library on this machine.
internal static class AllocatorCatalog
{
    /// <summary>Libraries that others ship: best first, and the Debian package that has one.</summary>
    static readonly (string Name, string[] FileNames, string Package)[] s_known =
    [
        ("jemalloc", ["libjemalloc.so.2", "libjemalloc.so.1"], "libjemalloc2"),
        ("mimalloc", ["libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so.2.0"], "libmimalloc2.0"),
        ("tcmalloc", ["libtcmalloc.so.4", "libtcmalloc_minimal.so.4", "libtcmalloc.so", "libtcmalloc_minimal.so"], "libtcmalloc-minimal4"),
    ];

    public const string Names = "lampyris, system, jemalloc, mimalloc, tcmalloc";

    /// <summary>Throws `UsageException` when there is no such allocator here.</summary>
    public static Allocator Find(string nameOrPath)
    {
        if (nameOrPath == "system") return Allocator.System;
        if (nameOrPath == "lampyris") return new Allocator("lampyris", AllocatorKind.Lampyris, FindOurs(), UsesRseq: false);
        if (nameOrPath.Contains('/')) return FromPath(nameOrPath, Path.GetFileName(nameOrPath));

        string name = nameOrPath == "tcmalloc_minimal" ? "tcmalloc" : nameOrPath;
        foreach ((string known, string[] fileNames, string package) in s_known)
        {
            if (known != name) continue;
            foreach (string fileName in nameOrPath == name ? fileNames : fileNames.Where(f => f.Contains("_minimal")))
                if (FindLibrary(fileName) is { } path) return FromPath(path, known);
            throw new UsageException($"no {known} on this machine (Debian package {package})");
        }
        throw new UsageException($"unknown allocator '{nameOrPath}': {Names}, or the path of a library");
    }

    /// <summary>The name of an allocator whose library is called so, ours included; null for any other file.</summary>
    public static string? NameOfLibrary(string fileName)
    {
        if (fileName.StartsWith("liblampyris.so", StringComparison.Ordinal)) return "lampyris";
        foreach ((string known, _, _) in s_known)
            if (fileName.StartsWith("lib" + known, StringComparison.Ordinal)) return known;
        return null;
    }

    static Allocator FromPath(string path, string name)
    {
        string full = Path.GetFullPath(path);
        using FileBytes? file = FileBytes.Open(Bytes.OfText(full), out int errno);
        if (file is null) throw new UsageException($"{path}: {Linux.ErrorText(errno)}");
        ElfFile? elf = ElfFile.Read(file);
        if (elf is null || elf.Type != ElfFile.TypeShared || elf.Interpreter.Length > 0)
            throw new UsageException($"{path}: not a shared library");
        if (!elf.Is64Bit || elf.Machine != ElfFile.HostMachine)
            throw new UsageException($"{path}: a library for another machine");
        if (elf.FindSymbol("malloc"u8) is null) throw new UsageException($"{path}: has no malloc");

        bool isOurs = elf.FindSymbol(HeapLocator.RootSymbol) is not null;
        // Only google's tcmalloc exports these; gperftools, which Debian calls tcmalloc, has no per-CPU caches.
        bool usesRseq = elf.FindSymbol("__rseq_abi"u8) is not null
            || elf.FindSymbol("TCMalloc_Internal_ForceCpuCacheActivation"u8) is not null
            || elf.FindSymbol("MallocExtension_Internal_GetStats"u8) is not null;
        return new Allocator(isOurs ? "lampyris" : name, isOurs ? AllocatorKind.Lampyris : AllocatorKind.Other, full, usesRseq);
    }

    /// <summary>Beside the program, as a package has it, or in the folder that the repository builds into.</summary>
    static string FindOurs()
    {
        const string FileName = "liblampyris.so";
        string machine = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var places = new List<string> { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{machine}", "native") };
        for (DirectoryInfo? up = new(AppContext.BaseDirectory); up is not null; up = up.Parent)
            places.Add(Path.Combine(up.FullName, "artifacts", "native"));
        foreach (string place in places)
        {
            string path = Path.Combine(place, FileName);
            if (File.Exists(path)) return path;
        }
        throw new UsageException($"{FileName} is not built: it should be in artifacts/native or beside lampyris.dll");
    }

    static string? FindLibrary(string fileName)
    {
        string triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        string[] places = ["/usr/local/lib", $"/usr/local/lib/{triplet}", $"/usr/lib/{triplet}", $"/lib/{triplet}", "/usr/lib64", "/lib64", "/usr/lib"];
        return LoaderCache.Find(fileName) ?? places.Select(place => Path.Combine(place, fileName)).FirstOrDefault(File.Exists);
    }
}
