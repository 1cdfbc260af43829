using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Preload.Tests;

/// <summary>A program in samples/, as the comment at its top says how to build it, run it and what to expect (samples/README.md).</summary>
internal sealed class Sample
{
    readonly List<string> _build = [], _expected = [], _needs = [];
    readonly Dictionary<string, string> _environment = [];

    public string Source { get; }
    public string Program { get; }
    public IReadOnlyList<string> BuildCommands => _build;
    public string RunCommand { get; private set; } = "{program}";
    public IReadOnlyList<string> ExpectedLines => _expected;
    public int ExpectedExitCode { get; private set; }
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Commands that must be on PATH for the sample to make sense here.</summary>
    public IReadOnlyList<string> Needs => _needs;

    public Sample(string source)
    {
        Source = source;
        Program = Path.Combine(Paths.Programs, "sample_" + Path.GetFileNameWithoutExtension(source));
        foreach (string line in File.ReadLines(source).TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)))
            Read(line[2..].Trim());
        if (_build.Count == 0) throw new FormatException($"{source}: no line `// build: …` at its top");
        if (_expected.Count == 0) throw new FormatException($"{source}: no line `// expect: …` at its top");
    }

    void Read(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) return;
        string value = line[(colon + 2)..];
        switch (line[..colon])
        {
            case "build": _build.Add(Fill(value)); break;
            case "run": RunCommand = value; break;
            case "expect": _expected.Add(value); break;
            case "exit": ExpectedExitCode = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture); break;
            case "needs": _needs.Add(value); break;
            case "env":
                int equals = value.IndexOf('=', StringComparison.Ordinal);
                _environment[value[..equals]] = Fill(value[(equals + 1)..]);
                break;
            default: break; // an ordinary sentence
        }
    }

    /// <summary>Puts paths in the place of their names in braces.</summary>
    public string Fill(string text) => text
        .Replace("{source}", Source, StringComparison.Ordinal)
        .Replace("{program}", Program, StringComparison.Ordinal)
        .Replace("{samples}", Paths.Samples, StringComparison.Ordinal)
        .Replace("{include}", Paths.Include, StringComparison.Ordinal)
        .Replace("{native}", Paths.Native, StringComparison.Ordinal);
}
