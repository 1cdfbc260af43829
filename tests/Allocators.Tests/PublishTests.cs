using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace Lampyris.Tests;

/// <summary>The program in Collecting/, under the JIT, trimmed, and compiled ahead of time: threads on the heap while the garbage collector stops them.</summary>
public sealed class PublishTests
{
    const string Seconds = "4";
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    static readonly string s_project = Path.Combine(Plugins.RepoRoot, "tests/Allocators.Tests/Collecting");

    [Theory]
    [InlineData("jit")]
    [InlineData("trimmed", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("aot", "-p:PublishAot=true")]
    public void ThreadsThatTheCollectorStopsKeepTheirBlocks(string kind, params string[] options)
    {
        string output = Path.Combine(Plugins.RepoRoot, "artifacts/allocators-tests", kind);
        string[] publish = ["publish", s_project, "-c", "Release", "--use-current-runtime", "-o", output, "--nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=true", .. options];
        if (kind == "jit") publish = [.. publish, "--no-self-contained"];
        ProbeRun published = Run("dotnet", publish);
        Assert.True(published.ExitCode == 0, published.Output + published.Error);
        ProbeRun run = Run(Path.Combine(output, "collecting"), [Seconds]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}{run.Error}");
        Assert.StartsWith("ok: ", run.Output);
    }

    static ProbeRun Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments);
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        start.Environment["LAMPYRIS_PURGE"] = "1";
        start.Environment["LAMPYRIS_PURGE_DELAY_MS"] = "10";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        return ProbeRun.Of(start, s_limit);
    }
}
