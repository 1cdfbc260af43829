using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// What the verbs do with the files that processes leave.
internal static class ProfileFiles
{
    public const string Extension = ".lprof";

    const int HeaderBytes = 32, ProcessIdOffset = 12;

    /// <summary>The profiles that were written under a path, in which %p stood for the process ID, since a time; the first process's first.</summary>
    public static IReadOnlyList<string> Written(string pattern, DateTime since)
    {
        string folder = Path.GetDirectoryName(pattern)!;
        if (!Directory.Exists(folder)) return [];
        string name = Path.GetFileName(pattern);
        string search = name.Contains("%p", StringComparison.Ordinal) ? name.Replace("%p", "*", StringComparison.Ordinal) : name + "*";
        return Directory.EnumerateFiles(folder, search)
            .Where(file => File.GetLastWriteTimeUtc(file) >= since.AddSeconds(-1) && IsProfile(file))
            .OrderBy(file => file != pattern).ThenBy(StartedNs).ToList();
    }

    public static bool IsProfile(string file) => ReadHeader(file) is { } header && header.AsSpan(0, 8).SequenceEqual("LMPYPROF"u8);

    public static int ProcessId(string file) => BitConverter.ToInt32(ReadHeader(file)!, ProcessIdOffset);

    static ulong StartedNs(string file) => BitConverter.ToUInt64(ReadHeader(file)!, ProcessIdOffset + sizeof(int));

    static byte[]? ReadHeader(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            byte[] header = new byte[HeaderBytes];
            return stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes ? header : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Puts the names of all functions into the file. Where that fails, a line says why, and the file is as it was.</summary>
    public static void Name(string file, DotNetTrace? trace)
    {
        try
        {
            ProfileSymbolizer.AppendNames(file, trace);
        }
        catch (ProfileException problem)
        {
            Terminal.Complain(problem.Message);
        }
    }

    /// <summary>Writes the page of the largest profile, and says where all of them are.</summary>
    public static void Show(IReadOnlyList<string> files)
    {
        foreach (string file in files) Terminal.Write(Terminal.Error, $"{file}\n");
    }
}
