using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Analysis.Tests;

// Other people's programs that read our files.
internal static class Tool
{
    const int MostSeconds = 120;

    /// <summary>What it wrote to standard output; it must have ended well.</summary>
    public static string Run(string directory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.Environment["HOME"] = directory;              // nothing is left behind in the user's own
        start.Environment["PPROF_TMPDIR"] = directory;
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/lib/go-1.19/bin";
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(MostSeconds * 1000))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end");
        }
        Assert.True(process.ExitCode == 0, error.Result + output.Result);
        return output.Result;
    }
}

/// <summary>A directory for one test's files.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lampyris-analysis-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
