using System.Collections.Generic;
using System.CommandLine;
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
        using ReportFile? file = reportPath is null ? null : ReportFile.Open(reportPath);
        CommandRun run = new(command, allocator, settings, caller);
        if (run.Execute() is not { } report)
        {
            file?.Withdraw();
            return run.ExitCode;
        }

        string text = isQuiet ? "" : isJson ? ReportJson.Of(report) : ReportText.Of(report, file is null ? Ink.For(Terminal.Error) : Ink.Plain);
        if (file is not null)
        {
            if (file.Write(text) is { } problem) Terminal.Complain($"{reportPath}: {problem}");
        }
        else if (!isQuiet && !caller.IsStderrClosed)
        {
            Terminal.Write(Terminal.Error, isJson ? text : "\n" + text);
        }
        if (run.DiedOfCtrlC) Supervisor.DieOfInterrupt();
        return run.ExitCode;
    }
}
