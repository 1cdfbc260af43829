using System;
using System.Collections.Generic;
using System.Globalization;

namespace Lampyris.Cli;

/// <summary>A system call that has returned.</summary>
/// <param name="Name">As strace calls it: "mmap".</param>
/// <param name="Arguments">What stands between the brackets.</param>
/// <param name="Result">Its result as a number; null when it failed, or when its process ended in it.</param>
/// <param name="HasFailed">True when it returned an error.</param>
internal readonly record struct StracedCall(int ProcessId, string Name, string Arguments, ulong? Result, bool HasFailed);

// The lines that `strace -f -o FILE` writes, "PID name(arguments) = result", put together again where another process
// came in between: "PID name(arguments <unfinished ...>" and later "PID <... name resumed>rest) = result". What is no call
// (signals, exits) or makes no sense is passed over.
internal sealed class StraceLog
{
    const string UnfinishedMark = " <unfinished ...>", ResumedMark = " resumed>";

    readonly Dictionary<int, (string Name, string Arguments)> _unfinished = [];

    /// <summary>The beginning of a call that has not returned yet; null when the process is in none.</summary>
    public (string Name, string Arguments)? Unfinished(int processId) => _unfinished.TryGetValue(processId, out (string, string) call) ? call : null;

    /// <summary>The processes that are inside a call.</summary>
    public IEnumerable<int> Waiting => _unfinished.Keys;

    /// <param name="processId">Whose line it is; 0 when that can't be told.</param>
    /// <returns>Null when no call returns on this line.</returns>
    public StracedCall? Read(string line, out int processId)
    {
        processId = 0;
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank <= 0 || !int.TryParse(line.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out processId) || processId == 0) return null;
        string rest = line[blank..].Trim();

        if (rest.StartsWith("<... ", StringComparison.Ordinal))
        {
            int mark = rest.IndexOf(ResumedMark, StringComparison.Ordinal);
            if (mark < 0 || !_unfinished.Remove(processId, out (string Name, string Arguments) begun) || rest[5..mark] != begun.Name) return null;
            return Returned(processId, begun.Name, begun.Arguments + rest[(mark + ResumedMark.Length)..]);
        }

        int bracket = rest.IndexOf('(', StringComparison.Ordinal);
        if (bracket <= 0 || !IsName(rest.AsSpan(0, bracket))) return null;
        string name = rest[..bracket], after = rest[(bracket + 1)..];
        if (!after.EndsWith(UnfinishedMark, StringComparison.Ordinal)) return Returned(processId, name, after);
        _unfinished[processId] = (name, after[..^UnfinishedMark.Length]);
        return null;
    }

    /// <param name="text">"arguments) = result", with blanks before the sign that line up the results.</param>
    static StracedCall? Returned(int processId, string name, string text)
    {
        int sign = text.LastIndexOf(" = ", StringComparison.Ordinal);
        if (sign < 0) return null;
        string arguments = text[..sign].TrimEnd();
        if (!arguments.EndsWith(')')) return null;
        string result = text[(sign + 3)..].Split(' ', 2)[0];
        return new StracedCall(processId, name, arguments[..^1], Number(result), result.StartsWith('-'));
    }

    static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        return true;
    }

    /// <summary>"0x7f…", "0", "29979"; null for all else, "NULL" too.</summary>
    public static ulong? Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex) ? hex : null
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
