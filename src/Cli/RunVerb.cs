using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Lampyris.Cli;

// `lampyris run`: a command, unchanged, on the allocator of one's choice, and what came of it.
internal sealed class RunVerb : Verb
{
    readonly Option<string> _allocator = new("--allocator", "-a")
    {
        HelpName = "NAME|PATH",
        DefaultValueFactory = _ => "lampyris",
        Description = $"{AllocatorCatalog.Names}, or the path of a library with a malloc; default lampyris",
    };
    readonly Option<string> _report = new("--report", "-o") { HelpName = "FILE", Description = "write the report there instead of to stderr" };
    readonly Option<bool> _json = new("--json") { Description = "the report as JSON" };
    readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no report; it is still told when the allocator was not in effect" };
    readonly Option<string[]> _set = new("--set", "-s")
    {
        HelpName = "OPTION=VALUE",
        Arity = ArgumentArity.OneOrMore,
        Description = "an option of the heap, see below; can be repeated",
    };

    public override Command Command => field ??= new Command("run", "Run a command on Lampyris, or on another malloc, and report on its memory.")
    {
        _allocator, _report, _json, _quiet, _set,
    };

    public override string Arguments => "[options] -- COMMAND [ARGUMENTS]";

    public override string Notes =>
        HeapSettings.Describe() + "\n\n"
        + "The command keeps its terminal, streams, signals and environment; its children run on the same allocator. "
        + "The exit code is the command's: 128 + n when signal n ended it, 127 when it was not found, 126 when it "
        + "can't be executed, 2 for a mistake in the options before it.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris run -- redis-server --port 7777", "a server on Lampyris; the report comes when it ends"),
        ("lampyris run --allocator jemalloc -- python3 work.py", "the same work on another malloc, to compare"),
        ("lampyris run --json --report memory.json -- make -j4", "a report for a script"),
        ("lampyris run --set PURGE_DELAY_MS=50 -- ./service", "memory goes back sooner after it is freed"),
    ];

    public override bool TakesCommand => true;

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        if (command.Count == 0) throw new UsageException("which command?");
        bool isQuiet = options.GetValue(_quiet), isJson = options.GetValue(_json);
        string? reportPath = options.GetValue(_report);
        if (isQuiet && (isJson || reportPath is not null)) throw new UsageException("--quiet goes with neither --report nor --json");
        Allocator allocator = AllocatorCatalog.Find(options.GetValue(_allocator)!);
        List<(string Name, string Value)> settings = (options.GetValue(_set) ?? []).Select(HeapSettings.Parse).ToList();
        if (settings.Count > 0 && allocator.Kind != AllocatorKind.Lampyris) throw new UsageException("--set is for Lampyris only");

        CallerState caller = CallerState.ForSupervising();
        List<byte[]> arguments = RawArguments.Tail(command);
        using ReportFile? file = reportPath is null ? null : ReportFile.Open(reportPath);

        byte[]? path = CommandFile.Find(arguments[0], caller.Environment.GetBytes("PATH"), out int errno);
        if (path is null) return CouldNotStart(command[0], errno, file);
        PreloadCheck check = allocator.Kind == AllocatorKind.System ? default : PreloadCheck.Of(path);
        bool toldBefore = check.Verdict != PreloadVerdict.Works && check.IsCertain;
        if (toldBefore) Terminal.Complain($"{allocator.Title} is not in effect: {check.Reason}");

        using ExitSnapshot? exitSnapshot = allocator.Kind == AllocatorKind.Lampyris ? ExitSnapshot.Create() : null;
        SetUp(caller.Environment, allocator, check, settings, exitSnapshot);

        ulong launcherPeakBytes = ProcessStatus.Read(Environment.ProcessId)?.PeakRssBytes ?? 0;
        long started = Stopwatch.GetTimestamp();
        errno = Start(path, arguments, caller, out int child);
        if (errno != 0) return CouldNotStart(command[0], errno, file);

        using var sampler = new Sampler(child, allocator);
        var supervisor = new Supervisor(child, sampler);
        ChildEvent end = supervisor.Run();
        long ended = Stopwatch.GetTimestamp();

        HeapSnapshot? exitHeap = exitSnapshot?.Read(child);
        (InEffect InEffect, string Reason) effect = Judge(allocator, check, sampler, exitHeap, Path.GetFileName(command[0]));
        if (effect.InEffect == InEffect.No && !toldBefore) Terminal.Complain($"{allocator.Title} was not in effect: {effect.Reason}");
        if (isQuiet) return end.ExitCode;

        RunReport report = RunReport.Of(command, child, allocator, effect, end, supervisor.Usage, sampler, exitHeap, started, ended, launcherPeakBytes);
        Ink ink = file is null ? Ink.For(Terminal.Error) : Ink.Plain;
        string text = isJson ? ReportJson.Of(report) : (file is null ? "\n" : "") + ReportText.Of(report, ink);
        if (file is null)
        {
            if (!caller.IsStderrClosed) Terminal.Write(Terminal.Error, text);
        }
        else if (file.Write(text) is { } problem)
        {
            Terminal.Complain($"{reportPath}: {problem}");
        }
        return end.ExitCode;
    }

    static void SetUp(ChildEnvironment environment, Allocator allocator, PreloadCheck check, List<(string Name, string Value)> settings, ExitSnapshot? exitSnapshot)
    {
        if (allocator.Kind == AllocatorKind.System || check.Verdict == PreloadVerdict.Harmful) PreloadVariable.RemoveOurs(environment);
        else PreloadVariable.Prepend(environment, PreloadVariable.SafePath(allocator.LibraryPath));
        if (allocator.UsesRseq) Rseq.LeaveToAllocator(environment);
        if (exitSnapshot is not null) environment.Set(ExitSnapshot.VariableName, exitSnapshot.VariableValue);
        foreach ((string name, string value) in settings) environment.Set(name, value);
    }

    static int Start(byte[] path, List<byte[]> arguments, CallerState caller, out int child)
    {
        int errno = ChildProcess.Start(path, arguments, caller.Environment, caller, out child);
        if (errno != Linux.ENOEXEC) return errno;

        // A script without a first line that names its interpreter: the shell's, as `execvp` has it.
        using (FileBytes? file = FileBytes.Open(path, out _))
            if (file is null || ElfFile.Read(file) is not null) return errno;
        arguments = ["sh"u8.ToArray(), path[..^1], .. arguments.Skip(1)];
        return ChildProcess.Start("/bin/sh\0"u8.ToArray(), arguments, caller.Environment, caller, out child);
    }

    static int CouldNotStart(string name, int errno, ReportFile? file)
    {
        file?.Withdraw();
        Terminal.Complain($"{name}: {(errno == Linux.ENOENT && !name.Contains('/') ? "command not found" : Linux.ErrorText(errno))}");
        return errno is Linux.ENOENT or Linux.ENOTDIR ? ExitCode.NotFound : ExitCode.NotExecutable;
    }

    /// <summary>Puts together what was found out before the run, during it, and what the process itself left behind.</summary>
    static (InEffect, string) Judge(Allocator allocator, PreloadCheck check, Sampler sampler, HeapSnapshot? exitHeap, string name)
    {
        bool isSeen = exitHeap is not null || sampler.InEffect == InEffect.Yes;
        if (check.Verdict != PreloadVerdict.Works && (check.IsCertain || !isSeen)) return (InEffect.No, check.Reason);
        if (isSeen) return (InEffect.Yes, "");
        string program = sampler.Program.Length > 0 ? Path.GetFileName(sampler.Program) : name;
        if (sampler.InEffect == InEffect.Unknown) return (InEffect.Unknown, "not seen, it ended too soon or may not be looked into");
        return (InEffect.No, allocator.Kind == AllocatorKind.System
            ? $"{program} has {string.Join(", ", sampler.OtherAllocators)} loaded"
            : $"{program} runs without the library; it may be static, or LD_PRELOAD was taken out of its environment");
    }
}
