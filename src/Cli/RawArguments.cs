using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Lampyris.Cli;

// The arguments as the bytes they are: .NET has decoded them, and what is no UTF-8 would be lost on the way.
internal static class RawArguments
{
    /// <summary>All arguments of this process, "dotnet" or the like first.</summary>
    public static List<byte[]> All() => Split(File.ReadAllBytes("/proc/self/cmdline"));

    /// <summary>The last arguments of this process, as bytes; <paramref name="decoded"/> is how .NET shows them.</summary>
    public static List<byte[]> Tail(IReadOnlyList<string> decoded)
    {
        List<byte[]> all = All();
        int skip = all.Count - decoded.Count;
        if (skip < 0) throw new InvalidDataException("/proc/self/cmdline is shorter than the arguments");
        all.RemoveRange(0, skip);
        for (int i = 0; i < decoded.Count; i++)
            if (Encoding.UTF8.GetString(all[i]) != decoded[i]) throw new InvalidDataException("/proc/self/cmdline does not end with the arguments");
        return all;
    }

    /// <summary>Splits at zero bytes, each of which ends a string; empty strings count.</summary>
    internal static List<byte[]> Split(ReadOnlySpan<byte> text)
    {
        var parts = new List<byte[]>();
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)0);
            if (end < 0) end = text.Length;
            parts.Add(text[..end].ToArray());
            text = text[Math.Min(end + 1, text.Length)..];
        }
        return parts;
    }
}
