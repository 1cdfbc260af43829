using System.Runtime.InteropServices;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SafeMemoryTests
{
    [Fact]
    public void WhatIsMappedIsReadAndWhatIsNotIsRefused()
    {
        byte* pages = OsMemory.Map(2 * OsMemory.OsPage);
        byte* gone = pages + OsMemory.OsPage;
        Forbid(gone);
        ((ulong*)gone)[-1] = 42;
        SafeMemory memory = default;
        Assert.True(memory.TryRead((ulong)gone - 8, out ulong value));
        Assert.Equal(42UL, value);
        Assert.False(memory.TryRead((ulong)gone - 7, out _));
        Assert.False(memory.TryRead((ulong)gone, out _));
        Assert.False(memory.TryRead(0, out _));
        Assert.False(memory.TryRead(ulong.MaxValue, out _));
        Assert.False(memory.TryRead(1UL << 63, out _));
    }

    [Fact]
    public void ACopyEndsWhereTheMappingEnds()
    {
        byte* pages = OsMemory.Map(2 * OsMemory.OsPage);
        byte* gone = pages + OsMemory.OsPage;
        byte* into = stackalloc byte[100];
        Assert.Equal(100, SafeMemory.Copy((ulong)gone - 50, into, 100));
        Forbid(gone);
        Assert.Equal(50, SafeMemory.Copy((ulong)gone - 50, into, 100));
        Assert.Equal(0, SafeMemory.Copy((ulong)gone, into, 100));
    }

    // Nobody can read it then, as if it were unmapped; but no other thread's mapping can take its place.
    static void Forbid(byte* page) => Assert.Equal(0, Protect(page, OsMemory.OsPage, 0));

    [DllImport("libc", EntryPoint = "mprotect")]
    static extern int Protect(byte* address, nuint bytes, int protection);
}
