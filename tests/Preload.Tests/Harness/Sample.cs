using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Lampyris.Preload.Tests;

/// <summary>A program in samples/, as the comment at its top says how to build it, run it and what to expect (samples/README.md).</summary>
internal sealed class Sample
{
    readonly List<string> _build = [], _needs = [];
    readonly List<SampleRun> _runs = [];
    readonly string _source, _program;

    public IReadOnlyList<string> BuildCommands => _build;
    public IReadOnlyList<SampleRun> Runs => _runs;

    /// <summary>Commands that must be on PATH for the sample to make sense here.</summary>
    public IReadOnlyList<string> Needs => _needs;

    public Sample(string source)
    {
        _source = source;
        _program = Path.Combine(Paths.Programs, "sample_" + Path.GetFileNameWithoutExtension(source));
        foreach (string line in File.ReadLines(source).TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)))
            Read(line[2..].Trim());
        if (_build.Count == 0) throw new FormatException($"{source}: no line `// build: …` at its top");
        if (_runs.Count == 0) throw new FormatException($"{source}: no line `// run: …` at its top");
        foreach (SampleRun run in _runs)
            if (run.ExpectedLines.Count == 0) throw new FormatException($"{source}: no line `// expect: …` below `// run: {run.Command}`");
    }

    void Read(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) return;
        string value = Fill(line[(colon + 2)..]);
        switch (line[..colon])
        {
            case "build": _build.Add(value); break;
            case "needs": _needs.Add(value); break;
            case "run": _runs.Add(new(value)); break;
            case "expect": _runs[^1].ExpectedLines.Add(value); break;
            case "exit": _runs[^1].ExpectedExitCode = int.Parse(value, CultureInfo.InvariantCulture); break;
            default: break; // an ordinary sentence
        }
    }

    string Fill(string text) => text
        .Replace("{source}", _source, StringComparison.Ordinal)
        .Replace("{program}", _program, StringComparison.Ordinal)
        .Replace("{include}", Paths.Include, StringComparison.Ordinal)
        .Replace("{native}", Paths.Native, StringComparison.Ordinal);
}

/// <summary>One run of a sample's program.</summary>
internal sealed class SampleRun(string command)
{
    public string Command => command;

    /// <summary>All lines on stdout; `*` stands for any text.</summary>
    public List<string> ExpectedLines { get; } = [];

    public int ExpectedExitCode { get; set; }
}
