using System;
using System.IO;
using System.Linq;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Plugins.Tests;

/// <summary>Every plugin keeps the contract, as a host written against the header alone sees it.</summary>
public sealed class ContractTests
{
    public static TheoryData<string> Names { get; } = new(PluginUnderTest.All.Select(one => one.Name));

    [Theory, MemberData(nameof(Names))]
    public void APluginKeepsTheContract(string name)
    {
        PluginUnderTest plugin = PluginUnderTest.All.Single(one => one.Name == name);
        CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, "contract"), plugin.Path, name, plugin.Profiles ? "1" : "0"],
            TimeSpan.FromMinutes(1), plugin.Environment);
        Assert.True(result.ExitCode == 0, result.Error + result.Stacks);
        Assert.EndsWith("\nok\n", result.Output);

        // A dump is made when profiling that is on is asked for again or ends; its name begins with the prefix.
        string prefix = result.Output.Split('\n').Single(line => line.StartsWith("prefix ", StringComparison.Ordinal))["prefix ".Length..];
        string[] profiles = Directory.GetFiles(Path.GetDirectoryName(prefix)!, Path.GetFileName(prefix) + ".*");
        Assert.Equal(plugin.Profiles, profiles.Length != 0);
        foreach (string profile in profiles)
        {
            string begin = name == "jemalloc" ? "heap_v2/" : profile.EndsWith(".heap", StringComparison.Ordinal) ? "heap profile: " : "LMPYPROF";
            Assert.StartsWith(begin, File.ReadAllText(profile), StringComparison.Ordinal);
            File.Delete(profile);
        }
        // The others say why not, in one line.
        if (!plugin.Profiles && name is "tcmalloc" or "mimalloc") Assert.Matches("^lampyris: profiling: [^\n]*\n$", result.Error);
    }

    // An undefined operator new would be the host's, which waits for the plugin.
    [Theory, MemberData(nameof(Names))]
    public void APluginAsksNobodyForOperatorNew(string name)
    {
        CommandResult result = Commands.Run(["nm", "-D", "--undefined-only", PluginUnderTest.All.Single(one => one.Name == name).Path], TimeSpan.FromSeconds(20));
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("_Zn", result.Output);
        Assert.Contains("malloc\n", name == "counting" ? result.Output.Replace("@GLIBC_2.2.5", "", StringComparison.Ordinal) : "malloc\n");   // nm sees what it should
    }

    [Theory]
    [InlineData("jemalloc", "LAMPYRIS_JEMALLOC_PATH", "libjemalloc2")]
    [InlineData("tcmalloc", "LAMPYRIS_TCMALLOC_PATH", "libtcmalloc-minimal4")]
    [InlineData("mimalloc", "LAMPYRIS_MIMALLOC_PATH", "libmimalloc2.0")]
    public void APluginWithoutItsLibrarySaysWhatToInstall(string name, string variable, string package)
    {
        PluginUnderTest plugin = PluginUnderTest.All.Single(one => one.Name == name);
        var environment = plugin.Environment;
        environment[variable] = "/nowhere/libnone.so";
        CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, "host"), "2", "100"], TimeSpan.FromMinutes(1), environment);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("lampyris: /nowhere/libnone.so: cannot open shared object file", result.Error);
        Assert.Contains($"lampyris: install {package}, or name the library in {variable}\n", result.Error);
        Assert.Contains($"memory: getMemoryAllocator of {plugin.Path} gave nothing\nmemory: the system's malloc serves\n", result.Error);
    }

    // A library that is there but is another one.
    [Fact]
    public void APluginWhoseLibraryLacksAFunctionSaysWhich()
    {
        PluginUnderTest plugin = PluginUnderTest.All.Single(one => one.Name == "mimalloc");
        var environment = plugin.Environment;
        environment["LAMPYRIS_MIMALLOC_PATH"] = "libc.so.6";
        CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, "host"), "2", "100"], TimeSpan.FromMinutes(1), environment);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("lampyris: the library has no mi_malloc\n", result.Error);
        Assert.Contains("memory: the system's malloc serves\n", result.Error);
    }
}
