using System.Collections.Generic;
using System.CommandLine;
using System.Linq;

namespace Lampyris.Cli;

// `lampyris stats`: the heap of a running process, read from outside.
internal sealed class StatsVerb : Verb
{
    readonly Argument<string> _process = new("PID");
    readonly Option<bool> _watch = new("--watch", "-w") { Description = "again each second, until the process ends or you press Ctrl-C" };
    readonly Option<bool> _json = new("--json") { Description = "as JSON; with --watch one report a line" };

    public override Command Command => field ??= new Command("stats", "Show the heap of a running process: at once, without stopping or touching it.")
    {
        _process, _watch, _json,
    };

    public override string Arguments => "PID [options]";

    public override string Notes =>
        "The process must run on Lampyris, by `lampyris run` or because it was linked with it, and you must be allowed "
        + "to debug it. The exit code is 1 when there is no such process, when you may not read it, when there is no "
        + "Lampyris in it, when it is of another version, or when it ends meanwhile.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris stats 4711", "live blocks, memory given back, busiest sizes"),
        ("lampyris stats --watch $(pidof redis-server)", "the same each second"),
        ("lampyris stats --json 4711 | jq .heap.liveBytes", "one number of it, in a script"),
    ];

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        string given = options.GetValue(_process)!;
        if (!int.TryParse(given, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int processId) || processId <= 0)
            throw new UsageException($"'{given}' is no process id");
        bool isJson = options.GetValue(_json);
        try
        {
            using var reader = LiveHeap.Open(processId);
            if (options.GetValue(_watch)) return Watch.Run(reader, isJson);
            LiveReport report = reader.Read();
            string text = isJson ? ReportJson.Of(report, isIndented: true) : ReportText.Of(report, null, Ink.For(Terminal.Out));
            return Terminal.Write(Terminal.Out, text) ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (LiveHeapException problem)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }
}
