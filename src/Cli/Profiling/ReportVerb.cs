using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Lampyris.Analysis;
using Lampyris.Reporting;
using Lampyris.Reporting.Page;
using Lampyris.Reporting.Pprof;

namespace Lampyris.Cli;

// `lampyris report`: what is in a profile, as a page, as a table, or for another tool.
internal sealed class ReportVerb : Verb
{
    readonly Argument<string> _file = new("FILE");
    readonly Option<string> _format = new("--format", "-f") { HelpName = "FORMAT", Description = "one of html, text, folded, json, pprof, speedscope, jeprof, to standard output" };
    readonly Option<string> _metric = ProfileOptions.Metric();
    readonly Option<string> _thread = new("--thread") { HelpName = "NAME", Description = "only what threads of this name allocated; * stands for anything" };
    readonly Option<string> _library = new("--library") { HelpName = "NAME", Description = "only stacks with this library or assembly on them; * stands for anything" };
    readonly Option<bool> _runtimeFrames = new("--runtime-frames") { Description = "show the .NET runtime's own frames one by one, not as one" };
    readonly Option<string> _output = ProfileOptions.Output();

    public override Command Command => field ??= new Command("report", "Show what a profile says: as a page for the browser, as a table, or for another tool.")
    {
        _file, _format, _metric, _thread, _library, _runtimeFrames, _output,
    };

    public override string Arguments => "[options] FILE";

    public override string Notes =>
        "Without --format, the page goes to FILE.html (or to --output), and the table of the largest functions and sites "
        + "to standard output.\n\n"
        + "folded is for flamegraph.pl and the like, pprof for `go tool pprof`, speedscope for www.speedscope.app, jeprof for jeprof and "
        + "google-pprof. json, pprof and jeprof hold every metric and every frame; jeprof has no GC heap.\n\n"
        + "A file that is cut off or damaged is read as far as it goes, and the report says so. The exit code is 1 when the file "
        + "can't be read or the report not be written; 2 for a mistake in the options.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris report app.lprof", "the page beside it, and the largest sites here"),
        ("lampyris report -f text -m peak app.lprof", "who held the memory when it was most"),
        ("lampyris report -f folded --thread 'io*' app.lprof | flamegraph.pl > io.svg", "a flame graph of some threads"),
        ("lampyris report -f pprof -o app.pb.gz app.lprof && go tool pprof app.pb.gz", "the same profile in pprof"),
    ];

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        string path = options.GetValue(_file)!;
        string? output = options.GetValue(_output);
        ReportFormat? format = ProfileOptions.ParseFormat(options.GetValue(_format), Enum.GetValues<ReportFormat>());
        Metric metric = ProfileOptions.ParseMetric(options.GetValue(_metric));
        ReportOutput.CheckIsNoInput(output, [path]);
        if (format == ReportFormat.Pprof && output is null && Terminal.IsTerminal(Terminal.Out)) throw new UsageException("pprof's format is nothing for a terminal: --output FILE");
        // The tools that read these want every frame, and have filters of their own.
        bool isForTools = format is ReportFormat.Json or ReportFormat.Pprof or ReportFormat.Jeprof;
        var filter = new ProfileFilter(options.GetValue(_thread), options.GetValue(_library), isForTools || options.GetValue(_runtimeFrames));
        try
        {
            Profile profile = filter.Apply(ProfileFile.Read(path));
            return format is { } one ? Write(profile, one, metric, output) : WritePageAndTable(profile, path, metric, output);
        }
        catch (ProfileException problem)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }

    static int WritePageAndTable(Profile profile, string path, Metric metric, string? output)
    {
        string page = output ?? path + ".html";
        bool isWritten = ReportOutput.Write(page, (TextWriter writer) => ProfilePage.Write(profile, writer));
        var ink = Ink.For(Terminal.Out);
        string text = ProfileText.Of(profile, metric, ink);
        if (isWritten) text += $"\n  {ink.Label("page       ")}{page}\n";
        return Terminal.Write(Terminal.Out, text) && isWritten ? ExitCode.Ok : ExitCode.Failed;
    }

    static int Write(Profile profile, ReportFormat format, Metric metric, string? output)
    {
        bool isWritten = format switch
        {
            ReportFormat.Html => ReportOutput.Write(output, (TextWriter writer) => ProfilePage.Write(profile, writer)),
            ReportFormat.Text => ReportOutput.Write(output, (TextWriter writer) => writer.Write(ProfileText.Of(profile, metric, output is null ? Ink.For(Terminal.Out) : Ink.Plain))),
            ReportFormat.Folded => ReportOutput.Write(output, (TextWriter writer) => FoldedFormat.Write(profile, metric, writer)),
            ReportFormat.Jeprof => ReportOutput.Write(output, (TextWriter writer) => JeprofFormat.Write(profile, metric, writer)),
            ReportFormat.Json => ReportOutput.Write(output, (Stream stream) => JsonFormat.Write(profile, stream)),
            ReportFormat.Speedscope => ReportOutput.Write(output, (Stream stream) => SpeedscopeFormat.Write(profile, metric, stream)),
            _ => ReportOutput.Write(output, (Stream stream) => PprofFormat.Write(profile, metric, stream)),
        };
        return isWritten ? ExitCode.Ok : ExitCode.Failed;
    }
}
