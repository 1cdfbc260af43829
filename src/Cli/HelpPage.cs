using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text;

namespace Lampyris.Cli;

// The help of the program and of each verb, made from the same option objects that parse the command line.
internal static class HelpPage
{
    const int Columns = 80;

    public static string Of(IReadOnlyList<Verb> verbs, Option help, Option version)
    {
        var text = new StringBuilder();
        text.AppendLine("Lampyris: memory management you can swap, see and trust.").AppendLine();
        text.AppendLine("usage:").AppendLine("  lampyris VERB [options]").AppendLine();
        Table(text, "verbs:", verbs.Select(verb => ($"{verb.Command.Name} {verb.Arguments}", verb.Command.Description!)));
        Table(text, "options:", [Describe(help), Describe(version)]);
        Examples(text, verbs.SelectMany(verb => verb.Examples.Take(1)));
        text.AppendLine("lampyris VERB --help tells more.");
        return text.ToString();
    }

    public static string Of(Verb verb, Option help)
    {
        var text = new StringBuilder();
        Wrap(text, verb.Command.Description!, 0);
        text.AppendLine().AppendLine("usage:").Append("  ").AppendLine(Usage(verb)).AppendLine();
        Table(text, "options:", verb.Command.Options.Append(help).Select(Describe));
        foreach (string paragraph in verb.Notes.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (paragraph.StartsWith(' ')) text.AppendLine(paragraph);      // laid out already
            else Wrap(text, paragraph, 0);
            text.AppendLine();
        }
        Examples(text, verb.Examples);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    public static string Usage(Verb verb) => $"lampyris {verb.Command.Name} {verb.Arguments}";

    static (string, string) Describe(Option option)
    {
        string names = string.Join(", ", option.Aliases.Order().Append(option.Name));
        return (option.HelpName is { } value ? $"{names} {value}" : names, option.Description ?? "");
    }

    internal static void Table(StringBuilder text, string title, IEnumerable<(string Left, string Right)> rows)
    {
        var all = rows.ToList();
        const int MostLeft = 28;
        int left = Math.Min(MostLeft, all.Max(row => row.Left.Length));
        text.AppendLine(title);
        foreach ((string name, string meaning) in all)
        {
            text.Append("  ").Append(name.PadRight(left));
            if (name.Length > left) text.AppendLine().Append(' ', left + 2);
            text.Append("  ");
            Wrap(text, meaning, left + 4);
        }
        text.AppendLine();
    }

    static void Examples(StringBuilder text, IEnumerable<(string CommandLine, string Meaning)> examples)
    {
        text.AppendLine("examples:");
        foreach ((string commandLine, string meaning) in examples)
            text.Append("  ").AppendLine(commandLine).Append("      ").AppendLine(meaning);
        text.AppendLine();
    }

    /// <summary>Appends the words in lines; the first begins where the text ends, the others at <paramref name="indent"/>.</summary>
    internal static void Wrap(StringBuilder text, string words, int indent)
    {
        int column = indent;
        foreach (string word in words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > indent && column + 1 + word.Length > Columns)
            {
                text.AppendLine().Append(' ', indent);
                column = indent;
            }
            if (column > indent)
            {
                text.Append(' ');
                column++;
            }
            text.Append(word);
            column += word.Length;
        }
        text.AppendLine();
    }
}
