using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Lampyris.Cli;

// `--set OPTION=VALUE`: the heap's own table of options decides what there is and which values it takes, so that a
// mistake is told here, not by a warning of the command's.
internal static class HeapSettings
{
    const string Prefix = "LAMPYRIS_";

    /// <summary>The environment variable and its value. Throws `UsageException`.</summary>
    public static (string Name, string Value) Parse(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new UsageException($"--set {setting}: OPTION=VALUE is wanted");
        string given = setting[..equals], value = setting[(equals + 1)..];
        string name = given.StartsWith(Prefix, StringComparison.Ordinal) ? given : Prefix + given;
        for (int i = 0; i < Options.Count; i++)
        {
            if (Name(i) != name) continue;
            bool isNumber = long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
            if (!isNumber || number < Options.Minimum(i) || number > Options.Maximum(i))
                throw new UsageException($"--set {given}: '{value}' is no number from {Options.Minimum(i)} to {Options.Maximum(i)}");
            return (name, value);
        }
        throw new UsageException($"--set {given}: there is no such option; there is {string.Join(", ", Names())}");
    }

    /// <summary>The table for a help page: name and range, then meaning and default.</summary>
    public static string Describe()
    {
        var rows = new List<(string, string)>();
        for (int i = 0; i < Options.Count; i++)
            rows.Add(($"{Name(i)[Prefix.Length..]}={Options.Minimum(i)}..{Options.Maximum(i)}", $"{Encoding.UTF8.GetString(Options.Help(i))} (default {Options.Default(i)})"));
        var text = new StringBuilder();
        HelpPage.Table(text, "  for --set:", rows);
        return text.ToString().TrimEnd('\n');
    }

    static IEnumerable<string> Names() => Enumerable.Range(0, Options.Count).Select(i => Name(i)[Prefix.Length..]);

    static string Name(int index) => Encoding.UTF8.GetString(Options.Name(index));
}
