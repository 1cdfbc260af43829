using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

/// <summary>A program that ran with the profiler on, in a folder of its own, and the profiles it left.</summary>
internal sealed class Profiled : IDisposable
{
    static readonly Lazy<string> s_truth = new(() => Compile("truth")), s_host = new(() => Compile("host"));

    readonly string _folder = Directory.CreateTempSubdirectory("lampyris-test-").FullName;

    /// <summary>The compiled program of known allocations.</summary>
    public static string Truth => s_truth.Value;

    /// <summary>The compiled host of a plugin.</summary>
    public static string Host => s_host.Value;

    public static string Library => Path.Combine(Paths.Native, "liblampyris.so");

    /// <summary>Where the first process's profile is.</summary>
    public string File => Path.Combine(_folder, "profile.lprof");

    public string Folder => _folder;

    public CommandResult? Result { get; private set; }

    /// <summary>Runs a command on the library with the profiler on.</summary>
    public static Profiled Run(IReadOnlyList<string> words, int exitCode = 0, long interval = 1, params (string Name, string Value)[] environment)
    {
        var run = new Profiled();
        Dictionary<string, string> variables = run.Environment(interval);
        foreach ((string name, string value) in environment) variables[name] = value;
        run.Result = Commands.Run(words, TimeSpan.FromSeconds(120), variables, run._folder);
        Assert.True(run.Result.ExitCode == exitCode && !run.Result.TimedOut,
            $"{string.Join(' ', words)}\nended with {run.Result.ExitCode}, not {exitCode}\n{run.Result.Output}{run.Result.Error}{run.Result.Stacks}");
        return run;
    }

    public Dictionary<string, string> Environment(long interval) => new()
    {
        ["LD_PRELOAD"] = Library,
        ["LAMPYRIS_PROFILE"] = File,
        ["LAMPYRIS_PROFILE_INTERVAL"] = interval.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>All profiles there are, the first process's first.</summary>
    public List<string> Files() => [.. Directory.GetFiles(_folder, "profile.lprof*").OrderBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal)];

    /// <summary>A profile with all names.</summary>
    public Profile Read(string? file = null)
    {
        file ??= File;
        _ = ProfileSymbolizer.AppendNames(file, null);
        return ProfileReader.Read(file);
    }

    /// <summary>The sum over all stacks whose innermost frame is this function; the frames above it must lead from main or a thread's start.</summary>
    public static Weight Sum(Profile profile, string function, Func<Site, Weight> weight)
    {
        Weight sum = default;
        foreach (Site site in profile.Sites)
        {
            if (site.Frames.Count == 0 || site.Frames[^1].Function != function) continue;
            Assert.True(site.IsComplete, $"{function}: the stack is not complete");
            Assert.Contains(site.Frames, frame => frame.Function is "main" or "start_thread");
            sum += weight(site);
        }
        return sum;
    }

    static string Compile(string name)
    {
        string folder = Path.Combine(Paths.Root, "artifacts", "profiling-tests");
        Directory.CreateDirectory(folder);
        string target = Path.Combine(folder, name);
        CommandResult built = Commands.Run(
            ["gcc", "-std=gnu17", "-O2", "-g", "-fno-builtin", "-pthread", "-Wall", "-Wextra", "-Werror", "-o", target, Path.Combine(Paths.Root, "tests/Profiling.Tests/programs", name + ".c")],
            TimeSpan.FromSeconds(60));
        Assert.True(built.ExitCode == 0, built.Error);
        return target;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
