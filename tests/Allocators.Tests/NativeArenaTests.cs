using System;
using System.Runtime.Intrinsics;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class NativeArenaTests : IDisposable
{
    readonly ulong _liveBefore = TestHeap.Snapshot().LiveCount;

    ulong Chunks => TestHeap.Snapshot().LiveCount - _liveBefore;

    public void Dispose() => Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);

    // Goal: blocks are aligned, do not overlap, and keep what is written. Method: random sizes, each block filled with a
    // value of its own, all compared at the end.
    [Fact]
    public void BlocksDoNotOverlap()
    {
        using NativeArena arena = new(1000);
        Random random = new(5);
        (nint Block, int Bytes, byte Value)[] blocks = new (nint, int, byte)[2000];
        for (int i = 0; i < blocks.Length; i++)
        {
            int bytes = random.Next(random.Next(50) == 0 ? 5000 : 60);
            nuint alignment = (nuint)1 << random.Next(9);
            byte* block = (byte*)arena.Allocate((nuint)bytes, alignment);
            Assert.True(block != null && (nuint)block % alignment == 0);
            TestHeap.Fill(block, (nuint)bytes, (byte)i);
            blocks[i] = ((nint)block, bytes, (byte)i);
        }
        foreach ((nint block, int bytes, byte value) in blocks) Assert.True(TestHeap.IsFilled((byte*)block, (nuint)bytes, value));
    }

    [Fact]
    public void ResetKeepsOneChunkForTheNextBlocks()
    {
        using NativeArena arena = new(1024);
        for (int i = 0; i < 100; i++) arena.Allocate(100);
        Assert.True(Chunks > 5);
        arena.Reset();
        Assert.Equal(1UL, Chunks);
        arena.Allocate(100);
        Assert.Equal(1UL, Chunks);
    }

    [Fact]
    public void AScopeTakesBackWhatWasMadeInside()
    {
        using NativeArena arena = new(1024);
        int* outer = arena.New(1);
        byte* first;
        using (arena.Begin())
        {
            first = (byte*)arena.Allocate(16);
            using (arena.Begin())
            {
                for (int i = 0; i < 50; i++) new Span<byte>(arena.Allocate(500), 500).Fill(9);
            }
            Assert.True((byte*)arena.Allocate(16) == first + 16);
        }
        Assert.True((byte*)arena.Allocate(16) == first);
        Assert.Equal(1, *outer);
        Assert.True(Chunks <= 2);
    }

    [Fact]
    public void ScopesEndInReverseOrder()
    {
        using NativeArena arena = new();
        NativeArena.Scope outer = arena.Begin(), inner = arena.Begin();
        InvalidOperationException? refused = null;
        try { outer.Dispose(); } catch (InvalidOperationException failure) { refused = failure; }
        Assert.NotNull(refused);
        Assert.Throws<InvalidOperationException>(arena.Reset);
        inner.Dispose();
        inner.Dispose();
        outer.Dispose();
        arena.Reset();
    }

    [Fact]
    public void ValuesAndArraysAreAlignedAndClear()
    {
        using NativeArena arena = new();
        for (int round = 0; round < 3; round++)
        {
            arena.New((byte)1);
            Vector256<int>* vector = arena.New(Vector256.Create(3));
            Assert.True((nuint)vector % 32 == 0 && *vector == Vector256.Create(3));
            Span<long> array = arena.NewArray<long>(100);
            Assert.False(array.ContainsAnyExcept(0L));
            array.Fill(-1);
            arena.Reset();
        }
        Assert.Equal(0, arena.NewArray<int>(0).Length);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        NativeArena arena = new();
        Assert.Throws<InsufficientMemoryException>(() => { arena.Allocate(nuint.MaxValue); });
        Assert.Throws<InsufficientMemoryException>(() => { arena.Allocate((nuint)1 << 50); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.NewArray<int>(-1); });
        arena.Dispose();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { arena.Allocate(1); });
    }
}
