using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Plugins.Tests;

/// <summary>What the guarded allocator is for, in processes of their own: `programs/misuse.cc` misuses blocks of the plugin.</summary>
public sealed class GuardedTests
{
    const int Aborted = 128 + 6, Faulted = 128 + 11;

    static CommandResult Run(string deed) => Commands.Run(
        [Path.Combine(PluginBuilder.Output, "misuse"), PluginUnderTest.All.Single(one => one.Name == "guarded").Path, deed], TimeSpan.FromMinutes(1));

    static string Survived(string deed)
    {
        CommandResult result = Run(deed);
        Assert.True(result.ExitCode == 0, $"ended with {result.ExitCode}\n{result.Output}{result.Error}{result.Stacks}");
        Assert.EndsWith("survived\n", result.Output);
        return result.Output + result.Error;
    }

    [Theory, InlineData("overrun"), InlineData("read-behind"), InlineData("use-after-free")]
    public void AMisuseFaultsAtTheInstruction(string deed)
    {
        CommandResult result = Run(deed);
        Assert.Equal(Faulted, result.ExitCode);
        Assert.Equal("", result.Output + result.Error);
    }

    [Theory]
    [InlineData("double-free", "of 32 bytes was freed already")]
    [InlineData("slack", "of 30 bytes was written behind its end")]
    [InlineData("underrun", "of 32 bytes was written before its start")]
    [InlineData("inside", "is none of this allocator")]
    [InlineData("elsewhere", "is none of this allocator")]
    public void ABadFreeIsOneLineAndTheEnd(string deed, string says)
    {
        CommandResult result = Run(deed);
        Assert.Equal(Aborted, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Matches($"^lampyris: guarded: the block 0x[0-9a-f]+ {Regex.Escape(says)}\n$", result.Error);
    }

    [Fact]
    public void ProperUseIsNotHarmed() => Assert.Equal("survived\n", Survived("fine"));

    // A process has 65,530 mappings; a guarded block takes two.
    [Fact]
    public void BlocksBeyondTheLimitOfMappingsHaveNoGuardAndALineSaysSo()
    {
        string said = Survived("many");
        int[] mappings = [.. Regex.Matches(said, @"^mappings (\d+)$", RegexOptions.Multiline).Select(one => int.Parse(one.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.InRange(mappings[0], 40_000, 49_000);
        Assert.InRange(mappings[1], 10, 200);
        Assert.Contains("guarded: allocated blocks 24000, live blocks 0, blocks without a guard 2000\n", said);
        Assert.Single(Regex.Matches(said, "^lampyris: .*further blocks have none$", RegexOptions.Multiline));
    }

    [Fact]
    public void TheQuarantineIsBounded()
    {
        string said = Survived("turn-over");
        Assert.Matches("^mappings [0-9]\n", said);
        Assert.Contains("guarded: allocated blocks 20000, live blocks 0, blocks without a guard 0\n", said);
    }

    [Fact]
    public void MemoryThatIsRefusedIsNullAndTheNextRequestIsServed() => Assert.StartsWith("null a block\nguarded: allocated blocks 1, live blocks 0, ", Survived("limited"));
}
