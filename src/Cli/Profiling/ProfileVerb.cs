using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;

namespace Lampyris.Cli;

// `lampyris profile`: which code holds the memory. A command from its start to its end, or a process that runs already.
internal sealed class ProfileVerb : Verb
{
    readonly Argument<string?> _process = new("PID") { Arity = ArgumentArity.ZeroOrOne };
    readonly Option<string> _output = new("--output", "-o") { HelpName = "FILE", Description = "the profile's file; default PROGRAM.PID.lprof in this folder" };
    readonly Option<string> _interval = new("--interval", "-i")
    {
        HelpName = "BYTES",
        Description = "mean bytes from one sampled allocation to the next, 1 for every allocation; default 512K",
    };
    readonly Option<string> _limit = new("--limit", "-l") { HelpName = "BYTES", Description = "also keep what is live when live bytes first exceed this" };
    readonly Option<bool> _managed = new("--managed", "-m") { Description = ".NET: also sample the GC heap's allocations" };
    readonly Option<bool> _start = new("--start") { Description = "PID: begin a profile now" };
    readonly Option<bool> _stop = new("--stop") { Description = "PID: end the profile, and report on it" };
    readonly Option<bool> _dump = new("--dump") { Description = "PID: report on the profile so far; it goes on" };
    readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "only write the file: no page, no table" };

    public override Command Command => field ??= new Command("profile", "Show which code holds the memory: native and .NET frames in one picture.")
    {
        _process, _output, _interval, _limit, _managed, _start, _stop, _dump, _quiet,
    };

    public override string Arguments => "[options] -- COMMAND [ARGUMENTS]\n       lampyris profile PID --start|--stop|--dump [options]";

    public override string Notes =>
        "A command is run on Lampyris and its profile written as it goes: whatever ends it, the file can be read. Each process "
        + "below it that allocates enough has a file of its own, with its process ID behind the name. When the command has ended, the "
        + "names of all functions are put into the file, and FILE.html beside it shows it all; `lampyris report` has more formats.\n\n"
        + "A process that runs already must run on Lampyris. Nothing else has to be prepared: --start tells the heap inside "
        + "it to begin, which it does with its next allocations.\n\n"
        + "The exit code is the command's, as with `lampyris run`; for a PID it is 1 when there is no such process, no Lampyris in it, no "
        + "profile to stop, or when you may not.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris profile -- redis-server --port 7777", "profile a server until it ends; then open the page"),
        ("lampyris profile --managed -- dotnet Shop.dll", "a .NET service, its GC heap beside the native one"),
        ("lampyris profile --interval 1 -- ./short-program", "every single allocation of a small program"),
        ("lampyris profile 4711 --start", "begin inside a service that runs on Lampyris already"),
        ("lampyris profile 4711 --dump -o before.lprof", "look at it without ending it"),
    ];

    public override bool TakesCommand => true;

    public override bool IsCommandBehindDashes => true;

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        long interval = ParseBytes("--interval", options.GetValue(_interval), 512 * 1024, 1);
        long limit = ParseBytes("--limit", options.GetValue(_limit), 0, 0);
        string? process = options.GetValue(_process), output = options.GetValue(_output);
        if (output is "") throw new UsageException("--output: which file? Its name is empty");
        bool isQuiet = options.GetValue(_quiet);
        List<ProfileAction> actions = [];
        if (options.GetValue(_start)) actions.Add(ProfileAction.Start);
        if (options.GetValue(_stop)) actions.Add(ProfileAction.Stop);
        if (options.GetValue(_dump)) actions.Add(ProfileAction.Dump);

        if (process is null)
        {
            if (actions.Count > 0) throw new UsageException("--start, --stop and --dump are for a process: lampyris profile PID --start");
            if (command.Count == 0) throw new UsageException("which command?");
            return new ProfileRun(command, output, interval, limit, options.GetValue(_managed), isQuiet).Execute();
        }
        if (command.Count > 0) throw new UsageException("either a process or a command, not both");
        if (actions.Count != 1) throw new UsageException("one of --start, --stop and --dump is wanted");
        if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int processId) || processId <= 0)
            throw new UsageException($"'{process}' is no process id (a command goes behind `--`)");
        if (options.GetValue(_managed)) throw new UsageException("--managed is for a command: the runtime is told so when it starts");
        if (actions[0] != ProfileAction.Start && (options.GetValue(_interval) ?? options.GetValue(_limit)) is not null)
            throw new UsageException("--interval and --limit go with --start");
        return new ProfileControl(processId, output, isQuiet).Execute(actions[0], interval, limit);
    }

    /// <summary>"512K", "1M", "2G" or plain bytes.</summary>
    internal static long ParseBytes(string option, string? text, long usual, long least)
    {
        const long Most = 1_000_000_000_000;

        if (text is null) return usual;
        string digits = text.TrimEnd('B', 'b').TrimEnd('i');
        long unit = digits.Length == 0 ? 1 : char.ToUpperInvariant(digits[^1]) switch { 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, _ => 1 };
        if (unit != 1) digits = digits[..^1];
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= Most / unit && number * unit >= least) return number * unit;
        throw new UsageException($"{option}: '{text}' is no number of bytes from {least} to {Most}, such as 65536, 512K or 1M");
    }
}

/// <summary>What is wanted of a process.</summary>
internal enum ProfileAction
{
    Start,
    Stop,
    Dump,
}
