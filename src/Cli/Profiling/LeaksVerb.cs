using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// `lampyris leaks`: what a program does not give back, the steady growers first.
internal sealed class LeaksVerb : Verb
{
    readonly Argument<string[]> _files = new("FILE") { Arity = ArgumentArity.OneOrMore };
    readonly Option<string> _suppressions = new("--suppressions") { HelpName = "FILE", Description = "lines leak:PATTERN for what is known and accepted, as LeakSanitizer reads them" };
    readonly Option<bool> _strict = new("--strict") { Description = "what is live at the end and came up after start-up is a leak, too, grown or not" };
    readonly Option<bool> _json = new("--json") { Description = "as JSON" };
    readonly Option<string> _output = ProfileOptions.Output();

    public override Command Command => field ??= new Command("leaks", "Find what a program does not give back: call stacks whose memory only grows, then what is live at the end.")
    {
        _files, _suppressions, _strict, _json, _output,
    };

    public override string Arguments => "[options] FILE...";

    public override string Notes =>
        "With one file, it looks at what was live at each site through the run. A site is growing if it rose again and again, "
        + "hardly ever fell, and still rose in the last third. With several files of one program, dumps for example, it "
        + "is growing if it rose from each to the next; they count in the order of their times.\n\n"
        + "After these come sites that are live at the end, and last those that have not grown since start-up: tables, "
        + "caches, pools. The GC heap is not looked at.\n\n"
        + "A pattern of --suppressions fits a part of a function's, file's or library's name anywhere on the stack; * stands for "
        + "anything, ^ and $ for the name's ends; # begins a comment.\n\n"
        + "The exit code is 3 when a site is growing that is not suppressed (with --strict also one that merely remains), else "
        + "0; 1 when a file can't be read or the result not be written; 2 for a mistake in the options.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("lampyris leaks app.lprof", "who grew through the run, with the evidence"),
        ("lampyris leaks dump.1 dump.2 dump.3", "who grew from dump to dump"),
        ("lampyris leaks --suppressions known.txt --json app.lprof > leaks.json", "in a test: fails when there is a new one"),
    ];

    public override int Run(ParseResult options, IReadOnlyList<string> command)
    {
        string[] paths = options.GetValue(_files)!;
        string? output = options.GetValue(_output);
        string? suppressionPath = options.GetValue(_suppressions);
        ReportOutput.CheckIsNoInput(output, suppressionPath is null ? paths : [.. paths, suppressionPath]);
        try
        {
            Suppressions suppressions = suppressionPath is null ? Suppressions.None : Suppressions.Read(suppressionPath);
            List<Profile> profiles = Read(paths);
            LeakReport report = profiles.Count == 1 ? LeakFinder.Find(profiles[0], suppressions) : LeakFinder.Find(profiles, suppressions);
            bool isJson = options.GetValue(_json);
            bool isWritten = ReportOutput.Write(output, (TextWriter writer) => writer.Write(
                isJson ? LeaksJson.Of(report, profiles) : LeaksText.Of(report, profiles, output is null ? Ink.For(Terminal.Out) : Ink.Plain)));
            if (!isWritten) return ExitCode.Failed;
            LeakVerdict last = options.GetValue(_strict) ? LeakVerdict.Remaining : LeakVerdict.Growing;
            return report.Findings.Any(finding => finding.Suppression is null && finding.Verdict <= last) ? ExitCode.LeakFound : ExitCode.Ok;
        }
        catch (ProfileException problem)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>In the order of the moments that they show.</summary>
    static List<Profile> Read(string[] paths)
    {
        var filter = new ProfileFilter();
        List<(string Path, Profile Profile)> profiles = [.. paths.Select(path => (path, filter.Apply(ProfileFile.Read(path, hasSeries: paths.Length == 1))))];
        foreach ((string path, Profile profile) in profiles)
        {
            (string firstPath, Profile first) = profiles[0];
            if (profile.Executable != first.Executable) throw new ProfileException($"{path}: is of {profile.Executable}, but {firstPath} is of {first.Executable}");
        }
        return [.. profiles.Select(each => each.Profile).OrderBy(profile => profile.Started + profile.Duration)];
    }
}
