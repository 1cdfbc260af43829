using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

/// <summary>`./lampyris` as a user calls it, in a folder of its own.</summary>
internal sealed class CommandLine : IDisposable
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    // Builds the command when its sources have changed.
    static readonly Lazy<string> s_program = new(() =>
    {
        string program = Path.Combine(Paths.Root, "lampyris");
        CommandResult built = Commands.Run([program, "--version"], TimeSpan.FromMinutes(15));
        Assert.True(built.ExitCode == 0, built.Error);
        return program;
    });

    public static string Program => s_program.Value;

    public string Folder { get; } = Directory.CreateTempSubdirectory("lampyris-test-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public CommandResult Run(IEnumerable<string> words, params (string Name, string Value)[] environment)
    {
        CommandResult result = Commands.Run([Program, .. words], s_limit, environment.ToDictionary(one => one.Name, one => one.Value), Folder);
        Assert.False(result.TimedOut, $"{string.Join(' ', words)} did not end\n{result.Error}{result.Stacks}");
        return result;
    }

    /// <summary>Profiles a command that ends with 0, and returns what it said and its profile.</summary>
    public (CommandResult Result, Profile Profile) Profile(IEnumerable<string> command, long interval, params (string Name, string Value)[] environment)
    {
        string file = PathOf("profile.lprof");
        CommandResult result = Run(["profile", "--quiet", "--output", file, "--interval", interval.ToString(CultureInfo.InvariantCulture), "--", .. command], environment);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}\nended with {result.ExitCode}\n{result.Output}{result.Error}");
        return (result, ProfileReader.Read(file));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
