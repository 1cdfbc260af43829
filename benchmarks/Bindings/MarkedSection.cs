using System;
using System.IO;

namespace Lampyris.Benchmarks;

/// <summary>The parts of docs/measurements.md that a program writes, each between two marks.</summary>
static class MarkedSection
{
    /// <exception cref="InvalidDataException">The page has no such marks.</exception>
    public static void Replace(string writer, string text)
    {
        string begin = $"<!-- written by {writer}: begin -->", end = $"<!-- written by {writer}: end -->";
        string path = Path.Combine(Repository.Root, "docs/measurements.md"), page = File.ReadAllText(path);
        int first = page.IndexOf(begin, StringComparison.Ordinal), last = page.IndexOf(end, StringComparison.Ordinal);
        if (first < 0 || last < first) throw new InvalidDataException($"{path} has no place for what {writer} writes");
        File.WriteAllText(path, $"{page[..first]}{begin}\n\n{text}\n{page[last..]}");
    }
}
