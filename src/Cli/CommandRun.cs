using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// One run of a command on an allocator: find it, set it up, start it, stay beside it, and put together what is known.
internal sealed class CommandRun(
    IReadOnlyList<string> command, Allocator allocator, IReadOnlyList<(string Name, string Value)> settings, CallerState caller)
{
    /// <summary>What `run` is to exit with, once `Execute` has returned.</summary>
    public int ExitCode { get; private set; }

    /// <summary>True when Ctrl-C on the terminal ended the command.</summary>
    public bool DiedOfCtrlC { get; private set; }

    /// <summary>Null when the command could not be started; that was told.</summary>
    public RunReport? Execute()
    {
        List<byte[]> arguments = RawArguments.Tail(command);
        byte[]? path = CommandFile.Find(arguments[0], caller.Environment.GetBytes("PATH"), out int errno);
        if (path is null) return CouldNotStart(errno);
        PreloadCheck check = allocator.Kind == AllocatorKind.System ? default : PreloadCheck.Of(path);
        bool wasTold = check.Verdict != PreloadVerdict.Works && check.IsCertain;
        if (wasTold) Terminal.Complain($"{allocator.Title} is not in effect: {check.Reason}");

        using ExitSnapshot? exitSnapshot = allocator.Kind == AllocatorKind.Lampyris ? ExitSnapshot.Create() : null;
        SetUpEnvironment(check, exitSnapshot);
        ulong launcherPeakBytes = ProcessStatus.Read(Environment.ProcessId)?.PeakRssBytes ?? 0;
        long started = Stopwatch.GetTimestamp();
        errno = Start(path, arguments, out int child);
        if (errno != 0) return CouldNotStart(errno);

        using var sampler = new Sampler(child, allocator);
        var supervisor = new Supervisor(child, sampler);
        ChildEvent end = supervisor.Run();
        long ended = Stopwatch.GetTimestamp();
        ExitCode = end.ExitCode;
        DiedOfCtrlC = supervisor.WasInterrupted && end is { Kind: ChildEventKind.Killed, Value: Signals.Int };

        (HeapSnapshot Heap, ProcessStatus? Status)? exit = exitSnapshot?.Read(child);
        (InEffect InEffect, string Reason) effect = Judge(check, sampler, exit is not null);
        if (effect.InEffect == InEffect.No && !wasTold) Terminal.Complain($"{allocator.Title} was not in effect: {effect.Reason}");
        return RunReport.Of(command, child, allocator, effect, end, supervisor.Usage, sampler, exit?.Heap, exit?.Status, started, ended, launcherPeakBytes);
    }

    RunReport? CouldNotStart(int errno)
    {
        string name = command[0];
        Terminal.Complain($"{name}: {(errno == Linux.ENOENT && !name.Contains('/') ? "command not found" : Linux.ErrorText(errno))}");
        ExitCode = errno is Linux.ENOENT or Linux.ENOTDIR ? Cli.ExitCode.NotFound : Cli.ExitCode.NotExecutable;
        return null;
    }

    void SetUpEnvironment(PreloadCheck check, ExitSnapshot? exitSnapshot)
    {
        ChildEnvironment environment = caller.Environment;
        if (allocator.Kind == AllocatorKind.System || check.Verdict == PreloadVerdict.Harmful) PreloadVariable.RemoveOurs(environment);
        else PreloadVariable.Prepend(environment, PreloadVariable.SafePath(allocator.LibraryPath));
        if (allocator.UsesRseq) Rseq.LeaveToAllocator(environment);
        if (exitSnapshot is not null) environment.Set(ExitSnapshot.VariableName, exitSnapshot.VariableValue);
        foreach ((string name, string value) in settings) environment.Set(name, value);
    }

    /// <summary>0, or the errno with which the system refused.</summary>
    int Start(byte[] path, List<byte[]> arguments, out int child)
    {
        int errno = ChildProcess.Start(path, arguments, caller.Environment, caller, out child);
        if (errno != Linux.ENOEXEC) return errno;

        // A script without a first line that names its interpreter: the shell's, as `execvp` has it.
        using (FileBytes? file = FileBytes.Open(path, out _))
            if (file is null || ElfFile.Read(file) is not null) return errno;
        arguments = ["sh"u8.ToArray(), path[..^1], .. arguments.Skip(1)];
        return ChildProcess.Start("/bin/sh\0"u8.ToArray(), arguments, caller.Environment, caller, out child);
    }

    /// <summary>Puts together what was found out before the run, during it, and what the process itself left behind.</summary>
    (InEffect, string) Judge(PreloadCheck check, Sampler sampler, bool hasLastWord)
    {
        bool isSeen = hasLastWord || sampler.InEffect == InEffect.Yes;
        if (check.Verdict != PreloadVerdict.Works && (check.IsCertain || !isSeen)) return (InEffect.No, check.Reason);
        if (isSeen) return (InEffect.Yes, "");
        if (sampler.InEffect == InEffect.Unknown) return (InEffect.Unknown, "not seen, it ended too soon or may not be looked into");
        string program = Path.GetFileName(sampler.Program);
        return (InEffect.No, allocator.Kind == AllocatorKind.System
            ? $"{program} has {string.Join(", ", sampler.OtherAllocators)} loaded"
            : $"{program} runs without the library; it may be static, or LD_PRELOAD was taken out of its environment");
    }
}
