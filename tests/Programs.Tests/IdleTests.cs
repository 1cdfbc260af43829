// The promise of the project: what a service frees goes back to the system, without tuning. benchmarks/IdleService fills
// some 1.3 GB from 32 threads, frees 99.9 % of it from the main thread and then sleeps for five seconds.
using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Lampyris.Programs.Tests;

[Collection("alone")]
public class IdleTests
{
    const long LimitKb = 75 * 1024;      // resident, most of it the .NET runtime's own
    const long FilledKb = 600 * 1024;    // less, and the program did not do its part

    [Theory]
    [InlineData("sleeping")]
    [InlineData("ended")]
    public void ServiceThatFreedNearlyEverythingIsSmallAfterFiveSeconds(string itsThreadsAre)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(Workplace.RepoRoot, "benchmarks/IdleService/bin", configuration, "net10.0/idle-service.dll");
        using Scene scene = new(onAllocator: true, seconds: 120);
        string text = scene.Run("dotnet", itsThreadsAre == "ended" ? [program, "--end-threads"] : [program]);

        Assert.True(Figure(text, "full_resident_kb") > FilledKb, text);
        Assert.True(Figure(text, "idle_resident_kb") <= LimitKb, $"more than {LimitKb} KB are resident:\n{text}");
    }

    static long Figure(string text, string name) =>
        long.Parse(text.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}

/// <summary>Tests that measure time: no others run beside them.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
