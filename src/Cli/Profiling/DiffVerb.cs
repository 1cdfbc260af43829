using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Lampyris.Analysis;
using Lampyris.Reporting.Page;

namespace Lampyris.Cli;

// `lampyris diff`: what changed from one profile to another, stack by stack.
internal sealed class DiffVerb : Verb
{
    readonly Argument<string> _before = new("BEFORE");
    readonly Argument<string> _after = new("AFTER");
    readonly Option<string> _metric = ProfileOptions.Metric();
    readonly Option<string> _format = new("--format", "-f") { HelpName = "FORMAT", Description = "one of text (default), html, json" };
    readonly Option<bool> _json = new("--json") { Description = "the same as --format json" };
    readonly Option<bool> _runtimeFrames = new("--runtime-frames") { Description = "show the .NET runtime's own frames one by one, not as one" };
    readonly Option<string> _output = ProfileOptions.Output();

    public override Command Command => field ??= new Command("diff", "Compare two profiles: which call stacks grew, shrank, appeared or vanished.")
    {
        _before, _after, _metric, _format, _json, _runtimeFrames, _output,
    };

    public override string Arguments => "[options] BEFORE AFTER";

    public override string Notes =>
        "Stacks are the same when their functions and libraries are; lines, addresses and threads may differ. Nothing is "
        + "scaled: a run that was twice as long has allocated twice as much.\n\n"
        + "The exit code is 0 whether anything changed or not; 1 when a file can't be read or the result not be written; 2 for a mistake in the options.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris diff old.lprof new.lprof", "what is live at the end of one and not of the other"),
        ("lampyris diff -m allocated -f html -o diff.html old.lprof new.lprof", "two builds compared by all they allocated"),
    ];

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        string beforePath = options.GetValue(_before)!, afterPath = options.GetValue(_after)!;
        string? output = options.GetValue(_output);
        ReportFormat? format = ProfileOptions.ParseFormat(options.GetValue(_format), ReportFormat.Text, ReportFormat.Html, ReportFormat.Json);
        Metric metric = ProfileOptions.ParseMetric(options.GetValue(_metric));
        if (options.GetValue(_json))
        {
            if (format is { } other and not ReportFormat.Json) throw new UsageException($"--json and --format {ProfileOptions.Name(other)}: which of them?");
            format = ReportFormat.Json;
        }
        ReportOutput.CheckIsNoInput(output, [beforePath, afterPath]);
        var filter = new ProfileFilter(HasRuntimeFrames: options.GetValue(_runtimeFrames));
        try
        {
            Profile before = filter.Apply(ProfileFile.Read(beforePath)), after = filter.Apply(ProfileFile.Read(afterPath));
            bool isWritten = format switch
            {
                ReportFormat.Html => ReportOutput.Write(output, (TextWriter writer) => ProfilePage.WriteDifference(before, after, writer)),
                ReportFormat.Json => ReportOutput.Write(output, (TextWriter writer) => writer.Write(DifferenceJson.Of(ProfileDifference.Of(before, after), metric))),
                _ => ReportOutput.Write(output, (TextWriter writer) =>
                    writer.Write(DifferenceText.Of(ProfileDifference.Of(before, after), metric, output is null ? Ink.For(Terminal.Out) : Ink.Plain))),
            };
            return isWritten ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (ProfileException problem)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }
}
