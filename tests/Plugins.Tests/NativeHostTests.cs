using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Plugins.Tests;

/// <summary>The sample host, built with and without its switches, under load on every plugin there is.</summary>
public sealed partial class NativeHostTests
{
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static TheoryData<string, string> Hosts { get; } =
        new(from plugin in PluginUnderTest.All from host in (string[])["host", "host-sizes"] select (plugin.Name, host));

    static CommandResult Run(string host, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, host), .. arguments], s_limit, environment);
        Assert.True(result.ExitCode == 0, $"ended with {result.ExitCode}\n{result.Output}{result.Error}{result.Stacks}");
        Assert.EndsWith(" 0 failures\n", result.Output);
        return result;
    }

    [Theory, MemberData(nameof(Hosts))]
    public void AHostRunsOnAPluginFromEightThreads(string name, string host)
    {
        PluginUnderTest plugin = PluginUnderTest.All.Single(one => one.Name == name);
        // The arena never frees: as much as it hands out stays.
        CommandResult result = Run(host, plugin.Environment, "8", name == "arena" ? "500" : "10000");
        Assert.StartsWith($"memory: {plugin.Path}: {name}: ", result.Error);        // on load
        Assert.Contains($"\nmemory: at shutdown: {name}: ", result.Error);
        Assert.Contains($"status: {name}: ", result.Output);
        Assert.Contains($"profiling: {(plugin.Profiles ? "on" : "not supported")}\n", result.Output);
        Assert.DoesNotContain("system's malloc", result.Error);
        foreach (string profile in Directory.GetFiles("/tmp", "native-host.*")) File.Delete(profile);
    }

    // What goes in comes out: with sizes saved, used bytes are what static objects and the library hold.
    [Fact]
    public void CountersAgreeWithTheLoad()
    {
        CommandResult result = Run("host-sizes", PluginUnderTest.All[0].Environment, "4", "2000");
        long[] allocated = Figures(result.Output, "allocated_bytes"), freed = Figures(result.Output, "deallocated_bytes");
        Assert.Equal(20, allocated.Length);
        Assert.Equal(allocated[0], allocated[1..].Sum());
        Assert.Equal(freed[0], freed[1..].Sum());
        long used = long.Parse(UsedPattern().Match(result.Output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(allocated[0] - freed[0], used);
        Assert.InRange(used, 100_000, 400_000);             // a thousand strings of 100 characters, kept on purpose
    }

    [Fact]
    public void AThreadReportsAtItsIntervalWithItsName()
    {
        var environment = PluginUnderTest.All[0].Environment;
        environment["MEMORY_METRIC_REPORT_INTERVAL"] = "1000000";
        environment["MEMORY_METRIC_THREAD_COUNTER"] = "1";
        CommandResult result = Run("host-sizes", environment, "3", "1000");
        string[] threads = [.. ThreadPattern().Matches(result.Error).Select(one => one.Groups[1].Value)];
        Assert.InRange(threads.Distinct().Count(), 3, 4);
        Assert.True(threads.Length > 20, $"{threads.Length} reports");
    }

    [Fact]
    public void WithoutItsSwitchAHostIsOnMalloc()
    {
        CommandResult result = Run("host-plain", PluginUnderTest.All[0].Environment, "2", "500");
        Assert.Contains("status: C++ new and delete are not overridden\n", result.Output);
        Assert.Contains("profiling: not supported\n", result.Output);
        Assert.Equal("", result.Error);
    }

    // The plugin's heap and malloc's are one then: whoever frees, it is the right one.
    [Fact]
    public void AHostRunsOnOurPluginThatIsAlsoPreloaded()
    {
        var environment = PluginUnderTest.All[0].Environment;
        environment["LD_PRELOAD"] = PluginUnderTest.All[0].Path;
        CommandResult result = Run("host-sizes", environment, "8", "5000");
        Assert.Contains("status: lampyris: allocated ", result.Output);
    }

    // malloc of the host stays libc's.
    [Fact]
    public void OurPluginLeavesTheHostsMallocAlone()
    {
        CommandResult plain = Run("host-plain", new Dictionary<string, string> { ["LD_PRELOAD"] = "" }, "1", "100");
        Assert.Equal("", plain.Error);
        CommandResult result = Run("host", PluginUnderTest.All[0].Environment, "1", "100");
        Match active = Regex.Match(result.Error, "^memory: .*: lampyris: allocated 0, active 0, ");
        Assert.True(active.Success, result.Error);          // the program has run up to main on another malloc
    }

    public static TheoryData<string, string> BadPlugins { get; } = new()
    {
        { "", "memory: MEMORY_ALLOCATOR_LIB_PATH is not set\n" },
        { "/nowhere/libnone.so", "cannot open shared object file" },
        { "/etc/passwd", "invalid ELF header" },
        { "libc.so.6", "memory: libc.so.6 has no getMemoryAllocator\n" },
    };

    [Theory, MemberData(nameof(BadPlugins))]
    public void AHostFallsBackAndSaysWhy(string path, string reason)
    {
        CommandResult result = Run("host", new Dictionary<string, string> { ["MEMORY_ALLOCATOR_LIB_PATH"] = path }, "2", "500");
        Assert.Contains(reason, result.Error);
        Assert.Contains("memory: the system's malloc serves\n", result.Error);
        Assert.Contains("status: system: allocated ", result.Output);
    }

    [Fact]
    public void ABadArgumentIsNamed()
    {
        CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, "host"), "many"], s_limit);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("native-host: 'many' is no positive number; usage: ", result.Error);
    }

    static long[] Figures(string output, string name) =>
    [.. Regex.Match(output, $"^memory_allocator\\.{name}((?: \\d+)+)$", RegexOptions.Multiline).Groups[1].Value
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => long.Parse(one, System.Globalization.CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^memory_allocator\.used_bytes (\d+)$", RegexOptions.Multiline)]
    private static partial Regex UsedPattern();

    [GeneratedRegex(@"^memory_allocator\.thread_allocated_bytes\{thread=(\d+)\} \d+$", RegexOptions.Multiline)]
    private static partial Regex ThreadPattern();
}
