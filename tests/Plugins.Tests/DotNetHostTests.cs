using System;
using System.IO;
using System.Linq;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Plugins.Tests;

/// <summary>A .NET program on `GlobalAllocator`, from six threads that the garbage collector stops all the time, on every plugin there is.</summary>
public sealed class DotNetHostTests
{
    public static TheoryData<string> Names { get; } = new(PluginUnderTest.All.Select(one => one.Name));

    [Theory, MemberData(nameof(Names))]
    public void ADotNetProgramRunsOnAPlugin(string name)
    {
        PluginUnderTest plugin = PluginUnderTest.All.Single(one => one.Name == name);
        var environment = plugin.Environment;
        environment["LAMPYRIS_STRICT"] = "1";               // or else it would run on another allocator
        string program = Path.Combine(Paths.Root, "tests/Allocators.Tests/Collecting/bin/Release/net10.0/collecting");
        // The arena never frees: in seconds it would hand out all there is.
        CommandResult result = Commands.Run([program, name == "arena" ? "0" : "2"], TimeSpan.FromMinutes(2), environment);
        Assert.True(result.ExitCode == 0, result.Output + result.Error + result.Stacks);
        Assert.Matches($"^ok: [1-9][0-9]* operations, .*{name}: ", result.Output);
    }
}
