using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Tests;

public sealed class AllocatorChoiceTests
{
    // The choice.

    [Fact]
    public void WithoutAVariableTheBuiltInHeapServesAndSaysNothing()
    {
        ProbeRun run = ProbeRun.Good("status");
        Assert.StartsWith("lampyris: allocated ", run.Output);
        Assert.Equal("touched\n", run.Error);
    }

    [Fact]
    public void TheVariableNamesAPluginWhoseStatusIsPrintedFirstAndLast()
    {
        ProbeRun run = ProbeRun.Good("status", Plugins.Counting);
        Assert.Equal("counting: 1 entries, 1 allocations, 1 frees, 0 aligned, last 116 bytes, profiling off, prefix none\n", run.Output);
        Assert.Equal([
            $"lampyris: {Plugins.Counting}: counting: 1 entries, 0 allocations, 0 frees, 0 aligned, last 0 bytes, profiling off, prefix none",
            "touched",
            $"lampyris: {Plugins.Counting}: counting: 1 entries, 1 allocations, 1 frees, 0 aligned, last 116 bytes, profiling off, prefix none",
        ], run.ErrorLines);
    }

    [Fact]
    public void TheProgramMayChooseAPluginByItsPath() =>
        Assert.StartsWith("counting: 1 entries, 1 allocations, 1 frees", ProbeRun.Good("use", argument: Plugins.Counting).Output);

    [Fact]
    public void WhatTheProgramChoosesGoesBeforeTheVariable() =>
        Assert.StartsWith("managed: ", ProbeRun.Good("use-managed", Plugins.Counting).Output);

    [Fact]
    public void AnAllocatorInCSharpKeepsItsState() =>
        Assert.Equal("managed: 1 allocations, 1 frees, profiling 0\n", ProbeRun.Good("use-managed").Output);

    // The allocators that samples/plugins makes plugins of.
    [Theory]
    [InlineData("use-arena", "arena: given out [1-9][0-9]*, mapped [1-9][0-9]*\n$")]
    [InlineData("use-guarded", "guarded: allocated blocks [1-9][0-9]*, live blocks 0, blocks without a guard 0\n$")]
    [InlineData("use-pool", "pool: blocks [1-9][0-9]*, bytes [1-9][0-9]*\n$")]
    public void AnAllocatorWrittenForAPluginServesDotNetToo(string deed, string status) => Assert.Matches(status, ProbeRun.Good(deed).Output);

    [Fact]
    public void ASecondChoiceIsRefused()
    {
        string[] lines = ProbeRun.Good("use-twice").Output.Split('\n');
        Assert.Equal("InvalidOperationException: The allocator has been chosen already: CountingAllocator.", lines[0]);
        Assert.StartsWith("managed: 1 allocations", lines[1]);
    }

    [Fact]
    public void AfterTheFirstAllocationNothingCanBeChosen()
    {
        string[] lines = ProbeRun.Good("use-late", argument: Plugins.Counting).Output.Split('\n');
        Assert.StartsWith("lampyris: allocated ", lines[0]);
        for (int i = 1; i <= 3; i++)
            Assert.Equal("InvalidOperationException: The allocator has been in use already: it is chosen before the first allocation.", lines[i]);
    }

    [Fact]
    public void ThreadsThatMeetAtTheFirstUseLoadThePluginOnce() =>
        Assert.StartsWith("counting: 1 entries, 8 allocations, 8 frees", ProbeRun.Good("race", Plugins.Counting).Output);

    [Fact]
    public void ThreadsThatMeetAtTheFirstUseShareTheBuiltInHeap() =>
        Assert.StartsWith("lampyris: allocated ", ProbeRun.Good("race").Output);

    // The calls.

    [Fact]
    public void EveryCallWorksOverTheBuiltInHeap() => Assert.StartsWith("lampyris: allocated ", ProbeRun.Good("every-call").Output);

    [Fact]
    public void EveryCallWorksOverAPlugin()
    {
        ProbeRun run = ProbeRun.Good("every-call", Plugins.Counting);
        Assert.StartsWith("counting: 1 entries, 4 allocations, 5 frees, 1 aligned", run.Output);
    }

    [Fact]
    public void SmallAndLargeBlocksOfAPluginGoTheirOwnWaysAndAllComeBack() =>
        Assert.StartsWith("counting: 1 entries, 17 allocations, 34 frees, 17 aligned", ProbeRun.Good("large", Plugins.Counting).Output);

    [Fact]
    public void ProfilingReachesThePluginWithItsPrefixAndItsAnswerComesBack()
    {
        string[] lines = ProbeRun.Good("profile", Plugins.Counting).Output.Split('\n');
        Assert.Equal("True", lines[0]);
        Assert.EndsWith("profiling on, prefix /tmp/größe", lines[1]);
        Assert.Equal("True", lines[2]);
        Assert.EndsWith("profiling off, prefix /tmp/größe", lines[3]);
        Assert.Equal("False", lines[4]);
    }

    [Fact]
    public void TheHandlerForOutOfMemoryServesEveryAllocator()
    {
        const string Expected = "OutOfMemory 1125899906842624\n2 calls\n";
        Assert.Equal(Expected, ProbeRun.Good("out-of-memory").Output);
        Assert.EndsWith("\n" + Expected, ProbeRun.Good("out-of-memory", Plugins.Counting).Output);
        Assert.Equal(Expected, ProbeRun.Good("out-of-memory", "").Output);
    }

    [Fact]
    public void TheHandlerMakesRoomUnderALimitOnAddressSpace()
    {
        const string Expected = "1 calls\n2 calls, and no memory\n";
        Assert.Equal(Expected, ProbeRun.Good("limited").Output);
        Assert.Equal(Expected, ProbeRun.Good("limited", Plugins.Counting).Output);
        Assert.Equal(Expected, ProbeRun.Good("limited", "").Output);
    }

    // The end.

    [Fact]
    public void ShutdownStopsProfilingPrintsOnceAndBlocksGoOn()
    {
        ProbeRun run = ProbeRun.Good("shutdown", Plugins.Counting);
        string[] last = [.. run.ErrorLines.Skip(1)];
        Assert.Equal(2, last.Length);
        Assert.EndsWith("1 allocations, 0 frees, 0 aligned, last 26 bytes, profiling off, prefix p", last[0]);
        Assert.Equal("touched", last[1]);
        Assert.StartsWith("counting: 1 entries, 2 allocations, 2 frees", run.Output);
    }

    [Fact]
    public void ShutdownOfTheBuiltInHeapIsForWhoeverAsksAndDumpsItsProfile()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lampyris-shutdown-");
        Assert.StartsWith("lampyris: built-in heap: lampyris: allocated ", ProbeRun.Good("shutdown", argument: Path.Combine(folder.FullName, "p")).Error);
        Assert.Equal([".1.lprof", ".2.heap", ".2.lprof"], folder.GetFiles("p.*").Select(file => file.Name[file.Name.IndexOf('.', 2)..]).Order(StringComparer.Ordinal));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void ShutdownBeforeAnyUseLoadsNothing()
    {
        ProbeRun run = ProbeRun.Good("idle", Plugins.Counting);
        Assert.Equal("nothing used\n", run.Output);
        Assert.Equal("", run.Error);
    }

    // The failures, each with its line and the system allocator in its place.

    [Fact]
    public void AnEmptyVariable() => ExpectFallback("", "the variable MEMORY_ALLOCATOR_LIB_PATH is empty");

    [Fact]
    public void AMissingFile() =>
        ExpectFallback("/no/such/plugin.so", "the plugin /no/such/plugin.so can't be opened: /no/such/plugin.so: cannot open shared object file: No such file or directory");

    [Fact]
    public void AFileThatIsNoLibrary() => ExpectFallback(Plugins.NotALibrary, $"the plugin {Plugins.NotALibrary} can't be opened: {Plugins.NotALibrary}: invalid ELF header");

    [Fact]
    public void ALibraryForAnotherProcessor() =>
        ExpectFallback(Plugins.ForArm64, $"the plugin {Plugins.ForArm64} can't be opened: it was built for Arm64, and this process is X64");

    [Fact]
    public void ALibraryWithoutTheEntryPoint() => ExpectFallback(Plugins.Nameless, $"the plugin {Plugins.Nameless} does not export getMemoryAllocator", "closed");

    [Fact]
    public void AnEntryPointThatReturnsNull() =>
        ExpectFallback(Plugins.Null, $"the plugin {Plugins.Null} has no allocator for this process: getMemoryAllocator returned null", "closed");

    [Fact]
    public void APathGivenByTheProgramFailsInTheSameWay()
    {
        ProbeRun run = ProbeRun.Good("use", argument: Plugins.Null);
        Assert.Equal("system allocator\n", run.Output);
        Assert.Equal("closed", run.ErrorLines[0]);
        Assert.Contains("returned null; the system allocator takes its place", run.ErrorLines[1], StringComparison.Ordinal);
    }

    static void ExpectFallback(string plugin, string reason, params string[] before)
    {
        ProbeRun run = ProbeRun.Good("status", plugin);
        Assert.Equal("system allocator\n", run.Output);
        // The library, if it was opened, is closed before the line, and nothing is printed at the end.
        Assert.Equal([.. before, $"lampyris: {reason}; the system allocator takes its place", "touched"], run.ErrorLines);
        Assert.Equal("system allocator\n", ProbeRun.Good("every-call", plugin).Output);
    }

    // Strict mode.

    [Theory]
    [InlineData("")]
    [InlineData("/no/such/plugin.so")]
    public void InStrictModeEveryUseRefusesAPluginOfTheVariableThatCannotServe(string plugin)
    {
        ProbeRun run = ProbeRun.Good("refused", plugin, strict: true);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("PluginLoadException: the ", line));
        Assert.Equal("", run.Error);
    }

    [Fact]
    public void InStrictModeAPluginThatCanServeDoes() => Assert.StartsWith("counting: ", ProbeRun.Good("status", Plugins.Counting, strict: true).Output);

    [Fact]
    public void InStrictModeUseThrowsWhereItIsCalled()
    {
        ProbeRun run = ProbeRun.Of("use-strict", argument: Plugins.Nameless);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal($"PluginLoadException: the plugin {Plugins.Nameless} does not export getMemoryAllocator\n", run.Output);
    }
}
