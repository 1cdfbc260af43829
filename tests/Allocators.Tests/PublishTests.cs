using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
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
        (int code, string text) = Run("dotnet", publish);
        Assert.True(code == 0, text);
        (code, text) = Run(Path.Combine(output, "collecting"), [Seconds]);
        Assert.True(code == 0, $"exit code {code}\n{text}");
        Assert.StartsWith("ok: ", text);
    }

    static (int ExitCode, string Text) Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        start.Environment["LAMPYRIS_PURGE"] = "1";
        start.Environment["LAMPYRIS_PURGE_DELAY_MS"] = "10";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end; {output.Result}{error.Result}");
        }
        return (process.ExitCode, output.Result + error.Result);
    }
}
