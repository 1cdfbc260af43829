using System;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

// Goal: every site of a .NET program has its full chain of callers, with the names a C# programmer knows, and its bytes.
// Method: a program that says what it allocates where (apps/Sites), at each way the runtime has to compile it.
public sealed class DotNetTruthTests
{
    static string Sites => Apps.DotNet("Sites", "sites");

    [Theory]
    [InlineData("all", 1, "DOTNET_TC_CallCounting=0")]              // stays as it was compiled first
    [InlineData("all", 1, "DOTNET_TieredCompilation=0")]            // optimized at once
    [InlineData("all", 1, "DOTNET_ReadyToRun=0")]                   // the framework is compiled here too
    [InlineData("all", 20_000, "DOTNET_TieredPGO=0")]
    [InlineData("hot", 1, "DOTNET_TieredPGO=1")]                    // compiled anew while it runs, within one call too
    [InlineData("hot", 20_000, "DOTNET_OSR_HitLimit=1")]
    public void EachSiteHasItsChainToMainAndItsBytes(string mode, long interval, string setting)
    {
        using var lampyris = new CommandLine();
        string[] parts = setting.Split('=');
        (CommandResult result, Profile profile) = lampyris.Profile([Sites, mode], interval, (parts[0], parts[1]));
        Truth.Check(profile, result.Output);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public void ThreadsHaveTheNamesThatTheProgramGaveThem()
    {
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Sites, "threads"], 1);
        Truth.Check(profile, result.Output);
        Dictionary<string, long> bytes = profile.Sites.Where(site => site.Frames.Any(frame => frame.Function == "Threads.Serve(int)") && site.Frames.All(frame => frame.Library != "libclrjit.so"))
            .GroupBy(site => site.Thread).ToDictionary(group => group.Key, group => group.Sum(site => site.Allocated.Bytes));
        for (int clerk = 0; clerk < 20; clerk++) Assert.True(bytes[$"clerk {clerk}"] >= 2 * 200 * 500, $"clerk {clerk}: {bytes[$"clerk {clerk}"]} bytes");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    public void AProgramCompiledAheadOfTimeHasThemToo(long interval)
    {
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Apps.DotNet("Sites", "sites", "aot", "-p:PublishAot=true"), "all"], interval);
        Truth.Check(profile, result.Output, isAheadOfTime: true);
    }
}
