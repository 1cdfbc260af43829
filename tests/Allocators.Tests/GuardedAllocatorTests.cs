using System;
using Xunit;

namespace Lampyris.Tests;

// What the guards do is in Plugins.Tests, GuardedTests; this is how a .NET program sees it.
public sealed unsafe class GuardedAllocatorTests
{
    // The runtime turns the signal into this, and aborts.
    [Theory, InlineData("overrun"), InlineData("use-after-free")]
    public void AMisuseFaultsInADotNetProgram(string deed)
    {
        ProbeRun run = ProbeRun.Of(deed);
        Assert.Equal(128 + 6, run.ExitCode);
        Assert.Contains("AccessViolationException", run.Error);
        Assert.DoesNotContain("freed ", run.Output);
    }

    [Fact]
    public void ADoubleDeleteOfATypeThatNamesTheAllocatorIsOneLineAndTheEnd()
    {
        ProbeRun run = ProbeRun.Of("double-delete");
        Assert.Equal(128 + 6, run.ExitCode);
        Assert.Contains("lampyris: guarded: the block 0x", run.Error);
        Assert.Contains(" of 8 bytes was freed already\n", run.Error);
        Assert.StartsWith("lampyris: allocated 0, ", run.Output);        // its value is none of the built-in heap's
    }

    // Goal: not one byte lies between a value and its guard. Method: the end of each block is the start of an OS page.
    [Fact]
    public void AnAlignmentOfTheTypeLeavesNoGapBeforeTheGuard()
    {
        GuardedAllocator guarded = default;
        for (nuint bytes = 1; bytes <= 9000; bytes += bytes < 100 ? 1u : 611u)
        {
            byte* block = (byte*)guarded.AllocateAligned(1, bytes);
            Assert.Equal((nuint)0, ((nuint)block + bytes) % 4096);
            new Span<byte>(block, (int)bytes).Fill(1);
            guarded.Deallocate(block);
        }
    }

    [Fact]
    public void WhatIsTooMuchIsNull()
    {
        GuardedAllocator guarded = default;
        Assert.True(guarded.Allocate(nuint.MaxValue) == null);
        Assert.True(guarded.AllocateAligned(nuint.MaxValue / 2 + 1, 1) == null);
        Assert.True(guarded.Allocate(nuint.MaxValue / 4) == null);
    }
}
