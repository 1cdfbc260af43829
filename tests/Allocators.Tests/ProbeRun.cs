using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Tests;

/// <summary>What a program, mostly the probe (see Probe/Program.cs), wrote before it ended.</summary>
sealed record ProbeRun(int ExitCode, string Output, string Error)
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a probe with the plugin variable at <paramref name="plugin"/>; null: not set.</summary>
    public static ProbeRun Of(string deed, string? plugin = null, string? argument = null, bool strict = false, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "allocators-probe"));
        start.ArgumentList.Add(deed);
        if (argument != null) start.ArgumentList.Add(argument);
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        start.Environment.Remove("LAMPYRIS_STRICT");
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        if (plugin != null) start.Environment["MEMORY_ALLOCATOR_LIB_PATH"] = plugin;
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        if (strict) start.Environment["LAMPYRIS_STRICT"] = "1";
        return Of(start, s_limit);
    }

    /// <summary>Runs any program; one that does not end in time is killed, with its children, and fails the test.</summary>
    public static ProbeRun Of(ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end; {output.Result}{error.Result}");
        }
        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>As <see cref="Of"/>, and it must end well.</summary>
    public static ProbeRun Good(string deed, string? plugin = null, string? argument = null, bool strict = false, params (string Name, string Value)[] environment)
    {
        ProbeRun run = Of(deed, plugin, argument, strict, environment);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return run;
    }

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
