using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// How the process was before bash and the .NET runtime touched it. The command must find that state, not ours:
// the runtime ignores SIGPIPE and raises the limit of open files; bash sets `_`, `PWD` and `SHLVL`; we block signals.
// And the other way round: settings of the .NET runtime are meant for the command, and must not act on ours.
// The root script notes it down in variables named `LAMPYRIS_CALLER…` that begin with its process id, which stays
// ours through `exec`; a note of another process (an outer `lampyris run`) is none of our business.
internal sealed unsafe class CallerState
{
    const string NoteName = "LAMPYRIS_CALLER";

    /// <summary>Signals that were blocked, and those that were ignored, as bits.</summary>
    public ulong BlockedSignals { get; private init; }
    public ulong IgnoredSignals { get; private init; }

    /// <summary>The soft limit of open files; null when unknown.</summary>
    public ulong? OpenFileLimit { get; private init; }

    /// <summary>Which of the descriptors 0, 1 and 2 were closed; the script has opened /dev/null in their place.</summary>
    public IReadOnlyList<int> ClosedDescriptors { get; private init; } = [];

    /// <summary>The environment as it was.</summary>
    public required ChildEnvironment Environment { get; init; }

    public bool IsStderrClosed => ((List<int>)ClosedDescriptors).Contains(2);

    /// <summary>
    /// The state, with `Signals.Supervised` blocked in every thread. When we were not started by the script and they
    /// are not blocked yet, this starts the program once more in the same process: threads inherit the mask only at birth.
    /// </summary>
    public static CallerState ForSupervising()
    {
        ChildEnvironment environment = ChildEnvironment.Current();
        Linux.SignalSet mask;
        _ = Linux.pthread_sigmask(Linux.SIG_BLOCK, null, &mask);

        string? note = environment.Get(NoteName);
        if (note is not null && note.StartsWith(System.Environment.ProcessId + " ", StringComparison.Ordinal)) environment.RestoreCallersOwn(NoteName);
        else note = NoteOfOurOwn(mask.Bits);
        environment.RemoveNotes(NoteName);
        CallerState state = FromNote(note, environment);
        if ((mask.Bits & Signals.Supervised) != Signals.Supervised) StartAgain(note);
        return state;
    }

    /// <summary>
    /// "PID BLOCKED IGNORED LIMIT CLOSED": two masks in hexadecimal, a number or "unlimited", digits or "-". That SIGQUIT
    /// is ignored says nothing there: bash does so itself. The runtime leaves it as it is, but not SIGTERM.
    /// </summary>
    static CallerState FromNote(string note, ChildEnvironment environment)
    {
        string[] fields = note.Split(' ');
        if (fields.Length != 5) throw new InvalidDataException($"{NoteName}: not a note: {note}");
        var closed = new List<int>();
        foreach (char digit in fields[4])
            if (digit is >= '0' and <= '2') closed.Add(digit - '0');
        return new CallerState
        {
            BlockedSignals = ulong.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            IgnoredSignals = IgnoredNow() | ulong.Parse(fields[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~Signals.Bit(Signals.Quit),
            OpenFileLimit = ulong.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out ulong limit) ? limit : null,
            ClosedDescriptors = closed,
            Environment = environment,
        };
    }

    /// <summary>The signals that this process ignores, but for SIGPIPE, which the runtime always ignores.</summary>
    static ulong IgnoredNow()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("SigIgn:", StringComparison.Ordinal))
                return ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~Signals.Bit(Signals.Pipe);
        throw new InvalidDataException("/proc/self/status: no SigIgn");
    }

    /// <summary>
    /// What can still be found out without the script. SIGPIPE counts as not ignored; the limit of open files is the
    /// parent's, as nearly every process passes its own on.
    /// </summary>
    static string NoteOfOurOwn(ulong blocked)
    {
        Linux.ResourceLimit limit;
        bool known = Linux.prlimit(Linux.getppid(), Linux.RLIMIT_NOFILE, null, &limit) == 0;
        return string.Create(CultureInfo.InvariantCulture,
            $"{System.Environment.ProcessId} {blocked:x} 0 {(known ? limit.Soft.ToString(CultureInfo.InvariantCulture) : "-")} -");
    }

    static void StartAgain(string note)
    {
        var all = new Linux.SignalSet { Bits = Signals.Supervised };
        _ = Linux.pthread_sigmask(Linux.SIG_BLOCK, &all, null);
        ChildEnvironment environment = ChildEnvironment.Current();
        environment.Set(NoteName, note);
        // bash is not in between, so its variables are the caller's own.
        foreach (string name in ChildEnvironment.ShellsOwn)
            if (environment.GetBytes(name) is { } value) environment.Set($"{NoteName}_{name}", value);
        using var argv = new StringVector(RawArguments.All());
        using var envp = new StringVector(environment.Entries);
        fixed (byte* path = "/proc/self/exe\0"u8) _ = Linux.execve(path, argv.Pointer, envp.Pointer);
        throw new InvalidOperationException("can't start again with signals blocked: " + Linux.ErrorText(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Puts the parts back that a new process takes over from us, and that the attributes of `posix_spawn` can't carry.</summary>
    public void RestoreInherited()
    {
        for (int signal = 1; signal <= Signals.Last; signal++)
            if ((IgnoredSignals & Signals.Bit(signal)) != 0 && signal != Signals.Chld) _ = Linux.signal(signal, Linux.SIG_IGN);

        Linux.ResourceLimit limit;
        if (OpenFileLimit is not { } soft || Linux.prlimit(0, Linux.RLIMIT_NOFILE, null, &limit) != 0 || soft > limit.Hard) return;
        limit.Soft = soft;
        _ = Linux.prlimit(0, Linux.RLIMIT_NOFILE, &limit, null);
    }
}
