using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Tests;

/// <summary>The profiler of the built-in heap, in processes of its own (Probe/Profiled.cs): what they allocated where is known.</summary>
public sealed class HeapProfileTests : IDisposable
{
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lampyris-heap-profile-");

    string File => Path.Combine(_folder.FullName, "a.lprof");

    public void Dispose() => _folder.Delete(recursive: true);

    // What is written down.

    [Fact]
    public void EveryAllocationIsCountedAtItsMethodAtIntervalOne()
    {
        Profile profile = Run("profiled");
        AssertAllocated(profile, "Profiled.Small(int)", 1000 * 100, 1000);
        AssertAllocated(profile, "Profiled.Medium(int)", 100 * 3000, 100);
        AssertAllocated(profile, "Profiled.Large(int)", 10 * 300_000, 10);
        AssertAllocated(profile, "Profiled.Huge()", 40_000_000, 1);
        AssertAllocated(profile, "Profiled.Aligned()", 5 * 256, 5);     // the heap asks itself for a multiple of the alignment
        AssertAllocated(profile, "Profiled.Typed()", 7 * sizeof(long), 7);
        AssertAllocated(profile, "ProfiledLater.Later(...)", 70 + 71, 2);
        Assert.Equal(0, profile.LostCount);
    }

    [Fact]
    public void WhatIsFreedIsLiveNoMore()
    {
        Profile profile = Run("profiled");
        Assert.Equal(0, At(profile, "Profiled.Medium(int)").Sum(site => site.Live.Bytes));
        Assert.Equal(1000 * 100, At(profile, "Profiled.Small(int)").Sum(site => site.Live.Bytes));
        Assert.True(At(profile, "Profiled.Huge()").Sum(site => site.Peak.Bytes) == 40_000_000 && At(profile, "Profiled.Huge()").Sum(site => site.Live.Bytes) == 0);
    }

    [Fact]
    public void EveryStackGoesFromTheProgramsOwnMethodUpToTheThreadsStart()
    {
        Profile profile = Run("profiled");
        Assert.NotEmpty(profile.Sites);
        foreach (Site site in profile.Sites)
        {
            Assert.True(site.IsComplete, Text(site));
            Assert.Equal("allocators-probe.dll", site.Frames[^1].Library);
            Assert.DoesNotContain(site.Frames, frame => frame.Library.StartsWith("Lampyris", StringComparison.Ordinal));
            Assert.Contains(site.Frames, frame => frame.Function is "Program.Main(string[])" or "Thread.StartCallback()");
            Assert.All(site.Frames.Where(frame => frame.Library.EndsWith(".dll", StringComparison.Ordinal)), frame => Assert.Equal(FrameKind.Managed, frame.Kind));
        }
        Assert.Equal("maker", Assert.Single(At(profile, "Profiled.Large(int)")).Thread);
    }

    // Goal: code of any tier is walked and named. Method: as it comes, everything optimized at once, nothing ever optimized.
    [Theory]
    [InlineData("DOTNET_TieredCompilation", "0")]
    [InlineData("DOTNET_TieredPGO", "0")]
    [InlineData("DOTNET_ReadyToRun", "0")]
    [InlineData("DOTNET_JITMinOpts", "1")]
    public void CodeOfEveryTierIsWalkedAndNamed(string variable, string value)
    {
        Profile profile = Run("profiled", (variable, value));
        AssertAllocated(profile, "Profiled.Small(int)", 1000 * 100, 1000);
        AssertAllocated(profile, "ProfiledLater.Later(...)", 70 + 71, 2);
        Assert.All(profile.Sites, site => Assert.True(site.IsComplete && site.Frames[^1].Library == "allocators-probe.dll", Text(site)));
    }

    // 200,000 blocks of 1000 bytes at an interval of 64 KiB are 3,052 samples: one standard deviation is 1.8 %.
    [Fact]
    public void AFewSamplesStandForAll()
    {
        Profile profile = Run("profiled-many", ("INTERVAL", "65536"));
        Assert.InRange(profile.SampleCount, 2600, 3500);
        Assert.InRange(At(profile, "Profiled.Block()").Sum(site => site.Allocated.Bytes), 184_000_000, 216_000_000);
        Assert.All(profile.Sites, site => Assert.True(site.IsComplete, Text(site)));
    }

    // Goal: nothing is lost or wrong while the collector stops the threads wherever they are. Method: 4 threads, each of which
    // keeps every 8th of 20,000 blocks that are all picked, while a fifth one collects all the time.
    [Fact]
    public void NothingIsLostUnderGarbageCollections()
    {
        Profile profile = Run("profiled-collecting");
        Assert.Equal(0, profile.LostCount);
        Assert.Equal(4 * 20_000 * 64, At(profile, "Profiled.Churn()").Sum(site => site.Allocated.Bytes));
        Assert.Equal(4 * 2_500 * 64, At(profile, "Profiled.Churn()").Sum(site => site.Live.Bytes));
        Assert.All(profile.Sites, site => Assert.True(site.IsComplete, Text(site)));
    }

    // Begin and end.

    [Fact]
    public void TheEnvironmentBeginsAProfileWithTheHeap()
    {
        ProbeRun.Good("status", environment: [("LAMPYRIS_PROFILE", File), ("LAMPYRIS_PROFILE_INTERVAL", "1")]);
        Profile profile = ProfileReader.Read(File);
        AssertAllocated(profile, "Program.Touch()", 100, 1);
        Assert.Empty(profile.Remarks);
    }

    [Fact]
    public void WithoutBeingAskedForThereIsNoFile()
    {
        ProbeRun.Good("status");
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void ADumpIsCompleteInItselfAndTheProfileGoesOn()
    {
        ProbeRun run = ProbeRun.Good("profiled-dump", argument: File);
        Profile dump = ProfileReader.Read(File + ".dump"), whole = ProfileReader.Read(File);
        AssertAllocated(dump, "Profiled.Small(int)", 10 * 100, 10);
        AssertAllocated(whole, "Profiled.Small(int)", 30 * 100, 30);
        Assert.All(dump.Sites, site => Assert.Equal("allocators-probe.dll", site.Frames[^1].Library));
        Assert.Equal([
            "False True " + File,
            "IOException: No profile can be written to " + File + ".dump: the file is there already.",
            "IOException: No profile can be written to /no/such/folder/a: its folder does not exist.",
            "InvalidOperationException: A profile is being taken already, in " + File + ".",
            "False True ",
            "InvalidOperationException: No profile is being taken.",
            "IOException: No profile can be written to /no/such/folder/a: No such file or directory.",
            "ArgumentException", "ArgumentOutOfRangeException", "PathTooLongException",
            "True True " + File + ".",
        ], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.StartsWith("True True", StringComparison.Ordinal) ? line[..(line.LastIndexOf('.') + 1)] : line));
        // The second profile of the process, at a path that was taken.
        AssertAllocated(ProfileReader.Read(Assert.Single(_folder.GetFiles(), file => file.Name is not ("a.lprof" or "a.lprof.dump")).FullName), "Profiled.Small(int)", 5 * 100, 5);
    }

    [Fact]
    public void ProfilingOfTheGlobalAllocatorDumpsAndThenSwitches()
    {
        string prefix = Path.Combine(_folder.FullName, "größe");
        ProbeRun run = ProbeRun.Good("profiled-switch", argument: prefix, environment: ("LAMPYRIS_PROFILE_INTERVAL", "1"));
        Assert.Equal("True True\nTrue True\nTrue False\nTrue False\n", run.Output);
        string[] names = [.. _folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(["größe.N.1.lprof", "größe.N.2.heap", "größe.N.2.lprof", "größe.N.3.heap", "größe.N.3.lprof"], names.Select(name => System.Text.RegularExpressions.Regex.Replace(name, "[.][0-9]+[.]", ".N.", default, TimeSpan.FromSeconds(1)).Replace("N..", "N.", StringComparison.Ordinal)));
        AssertAllocated(Read(".1.lprof"), "Profiled.Small(int)", 30 * 100, 30);
        AssertAllocated(Read(".2.lprof"), "Profiled.Small(int)", 10 * 100, 10);
        AssertAllocated(Read(".3.lprof"), "Profiled.Small(int)", 30 * 100, 30);
        Assert.Contains("heapprofile", System.IO.File.ReadAllText(_folder.GetFiles("*.2.heap").Single().FullName), StringComparison.Ordinal);

        Profile Read(string ending) => ProfileReader.Read(_folder.GetFiles("*" + ending).Single().FullName);
    }

    [Fact]
    public void AKilledProcessLeavesAllItSawWithNames()
    {
        ProbeRun run = ProbeRun.Of("profiled-killed", argument: File);
        Assert.NotEqual(0, run.ExitCode);
        AssertAllocated(ProfileReader.Read(File), "Profiled.Small(int)", 10 * 100, 10);
    }

    Profile Run(string deed, params (string Name, string Value)[] environment)
    {
        ProbeRun run = ProbeRun.Of(Probe(deed, environment), s_limit);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return ProfileReader.Read(File);
    }

    ProcessStartInfo Probe(string deed, (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "allocators-probe"), [deed, File]);
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return start;
    }

    static IEnumerable<Site> At(Profile profile, string method) => profile.Sites.Where(site => site.Frames.Count > 0 && site.Frames[^1].Function == method);

    static void AssertAllocated(Profile profile, string method, long bytes, double count)
    {
        Site[] sites = [.. At(profile, method)];
        Assert.True(sites.Length > 0, $"nothing at {method}; there are:\n" + string.Join('\n', profile.Sites.Select(Text)));
        Assert.Equal((bytes, count), (sites.Sum(site => site.Allocated.Bytes), sites.Sum(site => site.Allocated.Count)));
    }

    static string Text(Site site) => $"{site.Allocated.Bytes} bytes, {site.Thread}: " + string.Join(" < ", site.Frames.Reverse().Select(frame => frame.Function));
}
