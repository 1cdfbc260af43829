using System;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>How a program will take a preloaded allocator.</summary>
internal enum PreloadVerdict
{
    /// <summary>Nothing speaks against it.</summary>
    Works,

    /// <summary>It will run, but on its own malloc.</summary>
    Ignored,

    /// <summary>The library would keep it from running, so it must not be preloaded.</summary>
    Harmful,
}

// Looks into the file of a command before it runs: will its loader take a preloaded library at all?
// A benchmark that silently ran on another malloc is a known trap, so each of these cases is told. A privileged file is
// not certain: on a file system without setuid, or in a process that may gain nothing, it is like any other.
internal readonly record struct PreloadCheck(PreloadVerdict Verdict, string Reason, bool IsCertain)
{
    const int MaxInterpreterDepth = 4;      // as the kernel: scripts of scripts
    static readonly PreloadCheck s_works = new(PreloadVerdict.Works, "", true);

    /// <param name="path">Zero-terminated.</param>
    public static PreloadCheck Of(byte[] path) => Of(path, MaxInterpreterDepth);

    static PreloadCheck Of(byte[] path, int depth)
    {
        // A program that we may execute but not read: what happens while it runs will tell.
        using FileBytes? file = FileBytes.Open(path, out _);
        if (file is null) return s_works;
        ElfFile? elf = ElfFile.Read(file);
        if (elf is null) return depth > 0 && Interpreter(file) is { } interpreter ? Of(interpreter, depth - 1) : s_works;

        string name = Path.GetFileName(Bytes.ToText(path));
        if (!elf.Is64Bit || elf.Machine != ElfFile.HostMachine)
            return new PreloadCheck(PreloadVerdict.Harmful, $"{name} is a program for another machine", true);
        if (elf.Interpreter.Length == 0)
        {
            // A static program may have been linked with our own archive.
            return elf.FindSymbol(HeapLocator.RootSymbol) is not null ? s_works
                : new PreloadCheck(PreloadVerdict.Ignored, $"{name} is statically linked", true);
        }
        if (elf.Interpreter.Contains("ld-musl"))
            return new PreloadCheck(PreloadVerdict.Harmful, $"{name} is linked with musl, not with glibc", true);
        if (Privilege(path) is { } privilege)
            return new PreloadCheck(PreloadVerdict.Ignored, $"{name} {privilege}, so the loader ignores LD_PRELOAD", false);
        if (elf.FindSymbol("malloc"u8) is not null && elf.FindSymbol(HeapLocator.RootSymbol) is null)
            return new PreloadCheck(PreloadVerdict.Ignored, $"{name} brings its own malloc", true);
        return s_works;
    }

    /// <summary>Why the loader would run the file in its secure mode; null when it would not.</summary>
    internal static unsafe string? Privilege(byte[] path)
    {
        if (!Linux.TryStatus(path, out Linux.FileStatus status)) return null;
        if (status.IsSetUser && status.UserId != Linux.getuid()) return "is setuid";
        if (status.IsSetGroup && status.GroupId != Linux.getgid()) return "is setgid";
        if (Linux.getuid() == 0) return null;           // root gains nothing by file capabilities
        fixed (byte* p = path)
        fixed (byte* name = "security.capability\0"u8)
            return Linux.getxattr(p, name, null, 0) > 0 ? "has file capabilities" : null;
    }

    /// <summary>The program of a script's first line "#! /path argument", zero-terminated.</summary>
    internal static byte[]? Interpreter(FileBytes file)
    {
        Span<byte> start = stackalloc byte[256];        // the kernel looks no further
        start = start[..file.ReadAll(0, start)];
        if (!start.StartsWith("#!"u8)) return null;
        int end = start.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? start : start[..end])[2..].Trim(" \t"u8);
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        return Bytes.Terminated(blank < 0 ? line : line[..blank]);
    }
}
