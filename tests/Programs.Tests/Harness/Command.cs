// One program to start, and what came of it.
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Programs.Tests;

/// <summary>A command line with everything else that a start needs.</summary>
internal sealed record Command(string Program, params string[] Arguments)
{
    /// <summary>Standard input; null for an empty one.</summary>
    public string? Input { get; init; }

    public Dictionary<string, string> Environment { get; init; } = [];

    /// <summary>Below the scene's directory; null for the directory itself.</summary>
    public string? Directory { get; init; }

    /// <summary>The exit code without which the test fails at once.</summary>
    public int ExpectedExitCode { get; init; }

    /// <summary>The library that takes malloc's place, to be read in messages; null for the system's own malloc.</summary>
    public string? Allocator { get; init; }

    public override string ToString() => (Allocator is null ? "" : $"LD_PRELOAD={System.IO.Path.GetFileName(Allocator)} ") + string.Join(' ', Arguments.Prepend(Program).Select(Quoted));

    static string Quoted(string word) => word.Length > 200 ? $"'{word[..200]} ...'" : word.Any(c => " \n\"'$;|&<>()*".Contains(c)) ? $"'{word}'" : word;
}

/// <summary>What a program printed. Its exit code was the expected one.</summary>
internal sealed record Output(string Text, string Error);
