using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// `lampyris inspect`: who serves malloc and its like in a program, a library or a process; with --trace, what a
// command's allocator asked the kernel for.
internal sealed class InspectVerb : Verb
{
    readonly Argument<string?> _subject = new("SUBJECT") { Arity = ArgumentArity.ZeroOrOne };
    readonly Option<bool> _json = new("--json") { Description = "as JSON" };
    readonly Option<bool> _trace = new("--trace") { Description = "run a command, and show its system calls for memory" };

    readonly Option<string> _report = new("--report", "-o") { HelpName = "FILE", Description = "write the report of --trace there instead of to stderr" };

    public override Command Command => field ??= new Command("inspect", "Show which allocator serves malloc, new and their like in a program, a library or a running process, and why that one.")
    {
        _subject, _json, _trace, _report,
    };

    public override string Arguments => "PROGRAM|LIBRARY|PID, or --trace -- COMMAND [ARGUMENTS]";

    public override string Notes =>
        "A number is a process; ./4711 would be a file. A bare name is looked for as a shell does, then here, then as a "
        + "library. LD_PRELOAD, LD_LIBRARY_PATH and LD_BIND_NOW count as they are set. A process is read from outside, without stopping it; you must be allowed "
        + "to debug it.\n\n"
        + "--trace needs strace. The command keeps its streams and its exit code, the report goes to stderr.\n\n"
        + "The exit code is 1 when the file or process can't be read, is damaged or for another machine, "
        + "or when strace is missing; 2 for a mistake in the options.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris inspect redis-server", "which malloc this program would get, and the way from new to the kernel"),
        ("lampyris inspect $(pidof redis-server)", "what a running process really has: its slots, and its memory"),
        ("LD_PRELOAD=libjemalloc.so.2 lampyris inspect git", "what a preloaded library would change"),
        ("lampyris inspect --trace -- ls", "brk, mmap and their like, by size"),
    ];

    public override bool TakesCommand => true;
    public override bool IsCommandBehindDashes => true;

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        string? subject = options.GetValue(_subject);
        bool isJson = options.GetValue(_json);
        string? reportPath = options.GetValue(_report);
        if (options.GetValue(_trace))
        {
            if (subject is not null) throw new UsageException($"--trace takes a command behind --, not '{subject}' before it");
            if (command.Count == 0) throw new UsageException("--trace: which command?");
            return new TraceRun(command, reportPath).Execute(isJson);
        }
        if (reportPath is not null) throw new UsageException("--report goes with --trace");
        if (subject is null && command.Count == 1) subject = command[0];
        else if (command.Count > 0) throw new UsageException("one program, library or process, or --trace and a command");
        if (string.IsNullOrEmpty(subject)) throw new UsageException("which program, library or process?");

        try
        {
            InspectReport report = Read(subject);
            string text = isJson ? InspectJson.Of(report) : InspectText.Of(report, Ink.For(Terminal.Out));
            return Terminal.Write(Terminal.Out, text) ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception problem) when (problem is InspectException or LiveHeapException)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }

    static InspectReport Read(string subject)
    {
        if (subject.All(char.IsAsciiDigit))
        {
            if (int.TryParse(subject, NumberStyles.None, CultureInfo.InvariantCulture, out int processId) && processId > 0) return Inspector.OfProcess(processId);
            throw new UsageException($"'{subject}' is no process id");
        }
        return Inspector.OfFile(Find(subject), LoaderSettings.Of(ChildEnvironment.Current()));
    }

    /// <summary>A path as it is; a bare name by PATH, in the current directory, or by the loader's cache, in this order.</summary>
    static string Find(string name)
    {
        if (name.Contains('/')) return name;
        byte[]? searchPath = ChildEnvironment.Current().GetBytes("PATH");
        if (CommandFile.Find(Bytes.OfText(name).AsSpan()[..^1], searchPath, out _) is { } found) return Bytes.ToText(found);
        return File.Exists(name) ? Path.GetFullPath(name)
            : LoaderCache.Find(name) ?? throw new InspectException($"{name}: no such program, file or library");
    }
}
