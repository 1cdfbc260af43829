using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Analysis;

/// <summary>One line of a suppression file.</summary>
/// <param name="Pattern">as it is written</param>
/// <param name="LineNumber">in the file, from 1</param>
public sealed record Suppression(string Pattern, int LineNumber)
{
    // As LeakSanitizer takes it: the pattern may stand anywhere in the name, unless ^ or $ ties it to an end.
    readonly string _wildcard =
        (Pattern.StartsWith('^') ? "" : "*") + Pattern[(Pattern.StartsWith('^') ? 1 : 0)..^(Pattern.Length > 1 && Pattern.EndsWith('$') ? 1 : 0)] + (Pattern.Length > 1 && Pattern.EndsWith('$') ? "" : "*");

    public bool Matches(Frame frame) => Matches(frame.Function) || Matches(frame.File) || Matches(frame.Library);

    bool Matches(string name) => name.Length > 0 && Wildcard.Matches(_wildcard, name);
}

// Leaks that are known and accepted: a file of lines `leak:PATTERN`, as LeakSanitizer reads it.
public sealed class Suppressions
{
    const string Prefix = "leak:";
    const int MostTold = 3;

    Suppressions(IReadOnlyList<Suppression> all) => All = all;

    public static readonly Suppressions None = new([]);

    public IReadOnlyList<Suppression> All { get; }

    /// <exception cref="ProfileException">the file can't be read, or has lines that can't be understood</exception>
    public static Suppressions Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), path);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProfileException($"{path}: there is no such file");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ProfileException($"{path}: can't be read: {problem.Message}");
        }
    }

    /// <summary>Takes lines apart; <paramref name="name"/> is what a message calls their file.</summary>
    /// <exception cref="ProfileException">lines that can't be understood, with their numbers</exception>
    public static Suppressions Parse(IReadOnlyList<string> lines, string name)
    {
        var all = new List<Suppression>();
        var problems = new List<string>();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#')) continue;
            string pattern = line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..].Trim() : "";
            if (pattern.Trim('*', '^', '$').Length > 0) all.Add(new Suppression(pattern, i + 1));
            else if (line.StartsWith(Prefix, StringComparison.Ordinal)) problems.Add($"line {i + 1}: the pattern after {Prefix} would fit everything");
            else problems.Add($"line {i + 1}: '{line}' does not begin with {Prefix}");
        }
        if (problems.Count == 0) return new Suppressions(all);
        string more = problems.Count > MostTold ? $"; {problems.Count - MostTold} more lines are wrong" : "";
        throw new ProfileException($"{name}: {string.Join("; ", problems.Take(MostTold))}{more}");
    }

    /// <summary>The first one that fits any of the frames; null when none does.</summary>
    public Suppression? Find(IReadOnlyList<Frame> frames) => All.FirstOrDefault(each => frames.Any(each.Matches));
}
