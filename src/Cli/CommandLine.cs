using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;

namespace Lampyris.Cli;

// Takes the command line apart and hands it to a verb. Only what stands before the other program's own command line
// goes through the parser: nothing behind `--` is ever read as an option of ours.
internal static class CommandLine
{
    public static int Run(IReadOnlyList<string> arguments, IReadOnlyList<Verb> verbs)
    {
        var help = new Option<bool>("--help", "-h") { Description = "show this help", Recursive = true };
        var version = new Option<bool>("--version") { Description = "show the version" };
        var root = new Command("lampyris") { help, version };
        foreach (Verb each in verbs) root.Subcommands.Add(each.Command);

        Verb? verb = arguments.Count == 0 ? null : verbs.FirstOrDefault(each => each.Command.Name == arguments[0]);
        int own = verb is { TakesCommand: true } ? OwnCount(arguments, verb) : arguments.Count;
        ParseResult result = root.Parse(arguments.Take(own).ToList(), new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });

        if (result.GetValue(help)) return Print(verb is null ? HelpPage.Of(verbs, help, version) : HelpPage.Of(verb, help));
        if (verb is null && result.GetValue(version)) return Print($"lampyris {Version}\n");
        if (verb is null)
        {
            string problem = arguments.Count == 0 ? "what to do?" : $"'{arguments[0]}' is no verb and no option";
            return Refuse(problem, "lampyris VERB [options]   (" + string.Join(", ", verbs.Select(each => each.Command.Name)) + ")", "lampyris --help");
        }
        if (result.Errors.Count > 0) return Refuse(result.Errors[0].Message, HelpPage.Usage(verb), $"lampyris {verb.Command.Name} --help");
        try
        {
            int skip = own < arguments.Count && arguments[own] == "--" ? own + 1 : own;
            return verb.Run(result, arguments.Skip(skip).ToList());
        }
        catch (UsageException problem)
        {
            return Refuse(problem.Message, HelpPage.Usage(verb), $"lampyris {verb.Command.Name} --help");
        }
    }

    static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(3);

    /// <summary>How many arguments are ours: up to `--`, or up to the first that is neither an option nor an option's value.</summary>
    internal static int OwnCount(IReadOnlyList<string> arguments, Verb verb)
    {
        for (int i = 1; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == "--") return i;
            if (verb.IsCommandBehindDashes) continue;
            if (!argument.StartsWith('-')) return i;
            Option? option = verb.Command.Options.FirstOrDefault(each => each.Name == argument || each.Aliases.Contains(argument));
            if (option is { Arity.MinimumNumberOfValues: > 0 }) i++;
        }
        return arguments.Count;
    }

    static int Print(string text) => Terminal.Write(Terminal.Out, text) ? ExitCode.Ok : ExitCode.Failed;

    static int Refuse(string problem, string usage, string more)
    {
        Terminal.Complain(problem);
        Terminal.Write(Terminal.Error, $"usage: {usage}\n       {more} tells more\n");
        return ExitCode.Usage;
    }
}
