using System;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>What /proc/PID/status says of a process that has memory; sizes are bytes.</summary>
internal readonly record struct ProcessStatus(char State, ulong RssBytes, ulong PeakRssBytes, int ThreadCount, uint UserId)
{
    /// <summary>Null when there is no such process; the sizes are 0 for a zombie or a kernel thread.</summary>
    public static ProcessStatus? Read(int processId)
    {
        Span<byte> text = stackalloc byte[4096];
        using FileBytes? file = FileBytes.Open($"/proc/{processId}/status");
        if (file is null) return null;
        return Parse(text[..file.ReadAll(0, text)]);
    }

    /// <summary>Null when there is no text; a field that is not in it is 0.</summary>
    public static ProcessStatus? Parse(ReadOnlySpan<byte> text) =>
        text.IsEmpty ? null : new ProcessStatus(
            (char)Field(text, "\nState:\t"u8)[0],
            Number(Field(text, "\nVmRSS:"u8)) * 1024,
            Number(Field(text, "\nVmHWM:"u8)) * 1024,
            (int)Number(Field(text, "\nThreads:"u8)),
            (uint)Number(Field(text, "\nUid:"u8)));

    /// <summary>True when there is nothing left of the process but its exit code.</summary>
    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>True while a signal keeps the process stopped.</summary>
    public bool IsStopped => State == 'T';

    static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int at = text.IndexOf(name);
        return at < 0 ? "?"u8 : text[(at + name.Length)..];
    }

    /// <summary>The first number, after spaces and tabs; 0 when there is none.</summary>
    static ulong Number(ReadOnlySpan<byte> text)
    {
        int i = 0;
        ulong value = 0;
        while (i < text.Length && text[i] is (byte)' ' or (byte)'\t') i++;
        for (; i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9'; i++) value = value * 10 + (uint)(text[i] - '0');
        return value;
    }
}
