using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>What the profiler's stack walker sees from inside malloc, in a .NET program (capture/managed), compared with what the runtime knows.</summary>
/// <remarks>Every single malloc of the process is walked: those of the compiler, of the collector, of compression and cryptography too.</remarks>
public sealed class StackWalkerDotNetTests : ProgramTests
{
    const double CompletePercent = 99;
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public void AsProgramsRunByDefault() => RunCaptured();

    [Fact]
    public void FullyOptimizedFromTheStart() => RunCaptured("DOTNET_TieredCompilation=0");

    [Fact]
    public void CodeOfTheFirstTier() => RunCaptured("DOTNET_TieredPGO=0", "DOTNET_TC_CallCountThreshold=FFFFF");

    [Fact]
    public void CodeThatIsReplacedWhileItRuns() =>
        Assert.Contains("OptimizedTier1OSR", RunCaptured("DOTNET_TC_OnStackReplacement_InitialCounter=10", "DOTNET_OSR_HitLimit=1", "DOTNET_TieredPGO=0"), StringComparison.Ordinal);

    [Fact]
    public void NothingCompiledBefore() => RunCaptured("DOTNET_ReadyToRun=0", "DOTNET_TC_BackgroundWorkerTimeoutMs=1");

    [Fact]
    public void WithTheCollectorOfServers() => RunCaptured("DOTNET_gcServer=1", "DOTNET_GCHeapCount=2");

    static string RunCaptured(params string[] variables)
    {
        string log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var environment = new Dictionary<string, string>(CaptureLibrary.Preloaded)
        {
            ["DOTNET_PerfMapEnabled"] = "1",
            ["LAMPYRIS_CAPTURE_EVERY"] = "1",
            ["LAMPYRIS_CAPTURE_FILE"] = log,
        };
        foreach (string variable in variables) environment[variable.Split('=')[0]] = variable.Split('=')[1];
        try
        {
            CommandResult result = Run([Path.Combine(AppContext.BaseDirectory, "captured"), "20"], s_limit, environment: environment);
            string[] lines = File.ReadAllLines(log);
            string[] lost = [.. lines.Where(line => line.StartsWith("lost", StringComparison.Ordinal))];
            double complete = 100.0 * (lines.Length - lost.Length) / lines.Length;
            TestContext.Current.TestOutputHelper?.WriteLine($"{result.Output}{complete:0.00} % of {lines.Length} stacks of all mallocs are complete");
            Assert.True(lines.Length > 10_000, $"{lines.Length} stacks");
            Assert.True(complete >= CompletePercent, $"{complete:0.00} % are complete; of the others:\n{string.Join('\n', lost.Take(5))}");
            return result.Output;
        }
        finally { File.Delete(log); }
    }
}
