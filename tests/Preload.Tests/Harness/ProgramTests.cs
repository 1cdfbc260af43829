using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Runs cases of test programs on the library under test.</summary>
public abstract partial class ProgramTests
{
    /// <summary>Runs one case in a process of its own: it must end with exit code 0, say so, and write nothing else on stderr.</summary>
    protected static void RunCase(string program, string name, IReadOnlyDictionary<string, string>? environment = null, params string[] arguments)
    {
        ProgramCase found = CasesOfAttribute.Read(program).Single(one => one.Name == name);
        CommandResult result = Run([Path.Combine(Paths.Programs, program), name, .. arguments], found.Limit, environment: environment);
        TestContext.Current.TestOutputHelper?.Write(result.Output);
        Assert.EndsWith(found.Ends, result.Output);
        if (found.OnStderr is null) Assert.Equal("", result.Error);
        else Assert.Contains(found.OnStderr, result.Error);
    }

    /// <summary>Runs a command on the library under test and expects that it exits with <paramref name="exitCode"/>.</summary>
    internal static CommandResult Run(
        IReadOnlyList<string> words, TimeSpan limit, int exitCode = 0, IReadOnlyDictionary<string, string>? environment = null)
    {
        Dictionary<string, string> all = environment is null ? [] : new(environment);
        if (Preload.Library is { } library) all.TryAdd("LD_PRELOAD", library);
        if (all.GetValueOrDefault("LD_PRELOAD") == "") all.Remove("LD_PRELOAD");
        CommandResult result = Commands.Run(words, limit, all);
        if (result.ExitCode == exitCode && !result.TimedOut) return result;

        string what = result.TimedOut ? $"still ran after {limit.TotalSeconds:0} s" : $"ended with exit code {result.ExitCode}, not {exitCode}";
        bool crashed = result.ExitCode > 128, childCrashed = ChildCrash().IsMatch(result.Error);
        string stacks = result.TimedOut ? result.Stacks : crashed || childCrashed ? Gdb.StacksOfCrash(words, all, inChild: childCrashed) : "";
        string variables = string.Join(' ', all.Select(one => $"{one.Key}={one.Value}"));
        Assert.Fail($"{variables} {string.Join(' ', words)}\n{what}\n--- stderr\n{result.Error}--- stdout\n{result.Output}{stacks}");
        return result;
    }

    // As `expect_child_is_well` writes it (programs/support/process.h).
    [GeneratedRegex("child [0-9]+ ended by signal [1-9]")]
    private static partial Regex ChildCrash();
}
