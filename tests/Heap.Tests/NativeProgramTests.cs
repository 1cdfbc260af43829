using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.CompilerServices;
using Xunit;

namespace Lampyris.Tests;

// The programs in native/ on the .so: the same heap as it runs in the field, with its own purger, thread ends and
// forks. LAMPYRIS_TEST_SEED and LAMPYRIS_TEST_NATIVE_OPERATIONS set the model's seed and its operations in all.
public sealed class NativeProgramTests
{
    const long DefaultOperations = 32_000_000;
    const int Runs = 8;

    static readonly string s_here = Path.GetDirectoryName(ThisFile())!;
    static readonly string s_library = Path.GetFullPath(Path.Combine(s_here, "../../artifacts/native/liblampyris.so"));

    static string ThisFile([CallerFilePath] string path = "") => path;

    static (int ExitCode, string Output) Run(string program, string arguments, bool preload)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (preload)
        {
            Assert.True(File.Exists(s_library), $"{s_library} is missing: dotnet build src/Preload -c Release");
            start.Environment["LD_PRELOAD"] = s_library;
            start.Environment["LAMPYRIS_PURGE"] = "1";
            start.Environment["LAMPYRIS_PURGE_DELAY_MS"] = "10";
        }
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error);
    }

    /// <summary>Compiles native/NAME.c; returns the program's path.</summary>
    internal static string Compile(string name)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "native-" + name);
        string source = Path.Combine(s_here, "native", name + ".c");
        (int code, string output) = Run("cc", $"-O2 -g -Wall -Wextra -Werror -o {program} {source} -pthread -ldl", preload: false);
        Assert.True(code == 0, output);
        return program;
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(8, false)]
    [InlineData(16, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(16, true)]
    public void ARandomProgramFindsItsBlocksAsItLeftThem(int threads, bool refuse)
    {
        string seed = Environment.GetEnvironmentVariable("LAMPYRIS_TEST_SEED") ?? "1";
        if (!long.TryParse(Environment.GetEnvironmentVariable("LAMPYRIS_TEST_NATIVE_OPERATIONS"), out long operations)) operations = DefaultOperations;
        (int code, string output) = Run(Compile("model"), $"{threads} {operations / Runs} {seed}{(refuse ? " refuse" : "")}", preload: true);
        Assert.True(code == 0, $"exit code {code}: {output}");
        Assert.Contains("verified: yes", output);
    }

    [Theory]
    [InlineData("fork_without_cache")]
    [InlineData("much_under_a_limit")]
    public void AProgramThatOnceBrokeTheHeapRuns(string name)
    {
        (int code, string output) = Run(Compile(name), "", preload: true);
        Assert.True(code == 0, $"exit code {code}: {output}");
    }
}
