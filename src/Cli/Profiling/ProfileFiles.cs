using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Lampyris.Reporting.Page;

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
    public static void Name(string file, DotNetTrace? trace, IReadOnlyList<ManagedAllocation>? managed = null)
    {
        try
        {
            using var progress = new ProgressLine($"naming functions in {Path.GetFileName(file)}");
            ProfileSymbolizer.AppendNames(file, trace, managed, (done, all) => progress.Tell(done, all));
        }
        catch (ProfileException problem)
        {
            Terminal.Complain(problem.Message);
        }
    }

    /// <summary>Writes a page beside each file, prints the table of the one that allocated most to stderr, and says where all of them are.</summary>
    public static void Show(IReadOnlyList<string> files)
    {
        var profiles = new List<(string File, Profile Profile)>();
        foreach (string file in files)
        {
            try
            {
                Profile profile = new ProfileFilter(null, null, false).Apply(ProfileFile.Read(file));
                if (ReportOutput.Write(file + ".html", (TextWriter writer) => ProfilePage.Write(profile, writer))) profiles.Add((file, profile));
            }
            catch (ProfileException problem)
            {
                Terminal.Complain(problem.Message);
            }
        }
        if (profiles.Count == 0) return;
        (string largest, Profile shown) = profiles.MaxBy(one => one.Profile.Sites.Sum(site => site.Allocated.Bytes));
        var ink = Ink.For(Terminal.Error);
        string text = "\n" + ProfileText.Of(shown, Metric.Live, ink) + $"\n  {ink.Label("profile    ")}{largest}\n  {ink.Label("page       ")}{largest}.html\n";
        foreach ((string file, Profile profile) in profiles)
            if (file != largest) text += $"  {ink.Label("also       ")}{file}.html ({Path.GetFileName(profile.Executable)}, process {profile.ProcessId})\n";
        Terminal.Write(Terminal.Error, text);
    }
}
