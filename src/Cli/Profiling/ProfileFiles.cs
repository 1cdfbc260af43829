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
        string search = name.Contains("%p", StringComparison.Ordinal) ? name.Replace("%p", "*", StringComparison.Ordinal) + "*" : name + "*";
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

    /// <summary>
    /// Prints the table of the profile that allocated most to stderr and writes its page, and those of others that allocated a
    /// tenth of it or more: scripts start many small processes.
    /// </summary>
    public static void Show(IReadOnlyList<string> files)
    {
        const int MostPages = 6, LeastShare = 10;

        var profiles = new List<(string File, Profile Profile, long Bytes)>();
        foreach (string file in files)
        {
            try
            {
                Profile profile = new ProfileFilter(null, null, false).Apply(ProfileFile.Read(file));
                profiles.Add((file, profile, profile.Sites.Sum(site => site.Allocated.Bytes)));
            }
            catch (ProfileException problem)
            {
                Terminal.Complain(problem.Message);
            }
        }
        if (profiles.Count == 0) return;
        profiles = [.. profiles.OrderByDescending(one => one.Bytes)];
        var ink = Ink.For(Terminal.Error);
        string text = "\n" + ProfileText.Of(profiles[0].Profile, Metric.Live, ink) + $"\n  {ink.Label("profile    ")}{profiles[0].File}\n";
        int pages = 0;
        foreach ((string file, Profile profile, long bytes) in profiles.TakeWhile(one => one.Bytes >= profiles[0].Bytes / LeastShare).Take(MostPages))
        {
            if (!ReportOutput.Write(file + ".html", (TextWriter writer) => ProfilePage.Write(profile, writer))) continue;
            text += pages++ == 0 ? $"  {ink.Label("page       ")}{file}.html\n"
                : $"  {ink.Label("also       ")}{file}.html ({Path.GetFileName(profile.Executable)}, process {profile.ProcessId})\n";
        }
        if (profiles.Count > pages) text += $"  {ink.Label("and        ")}{Units.Count((ulong)(profiles.Count - pages))} smaller profiles of other processes beside it, for `lampyris report`\n";
        Terminal.Write(Terminal.Error, text);
    }
}
