using System;
using Xunit;

namespace Lampyris.Tests;

// An allocator as the contract sees it.
public unsafe interface ITestedAllocator
{
    void* Allocate(nuint bytes);
    void* AllocateZeroed(nuint bytes);
    void* AllocateAligned(nuint alignment, nuint bytes);
    void* Reallocate(void* block, nuint bytes);
    void Free(void* block);

    /// <summary>Bytes of a block that may be used; 0 where the allocator can't tell.</summary>
    nuint UsableBytes(void* block);
}

// What every malloc owes its callers. A test class for each allocator derives from it.
public abstract unsafe class AllocatorContract
{
    static readonly nuint[] s_sizes = [0, 1, 2, 15, 16, 17, 100, 128, 129, 1000, 1024, 1025, 4096, 10_000, 65_536, 65_537, 1_000_000, 5_000_000, 40_000_000];

    protected abstract ITestedAllocator Allocator { get; }

    [Fact]
    public void EveryBlockCanBeWrittenFromEndToEnd()
    {
        foreach (nuint bytes in s_sizes)
        {
            byte* block = (byte*)Allocator.Allocate(bytes);
            Assert.True(block != null);
            TestHeap.Fill(block, bytes, 0x5A);
            Assert.True(TestHeap.IsFilled(block, bytes, 0x5A));
            nuint usable = Allocator.UsableBytes(block);
            if (usable != 0)
            {
                Assert.True(usable >= bytes);
                TestHeap.Fill(block, usable, 0x5B);
            }
            Allocator.Free(block);
        }
    }

    [Fact]
    public void EveryAddressIsAMultipleOf16()
    {
        foreach (nuint bytes in s_sizes)
        {
            void* block = Allocator.Allocate(bytes);
            Assert.Equal((nuint)0, (nuint)block % 16);
            Allocator.Free(block);
        }
    }

    [Fact]
    public void BlocksOfZeroBytesAreDistinct()
    {
        void* first = Allocator.Allocate(0), second = Allocator.Allocate(0);
        Assert.True(first != null && second != null && first != second);
        Allocator.Free(first);
        Allocator.Free(second);
    }

    [Fact]
    public void LiveBlocksDoNotOverlap()
    {
        const int Count = 2000;
        Random random = new(3);
        byte*[] blocks = new byte*[Count];
        int[] bytes = new int[Count];
        for (int i = 0; i < 20_000; i++)
        {
            int at = random.Next(Count);
            if (blocks[at] != null)
            {
                Assert.True(TestHeap.IsFilled(blocks[at], (nuint)bytes[at], (byte)at));
                Allocator.Free(blocks[at]);
            }
            bytes[at] = random.Next(random.Next(20) == 0 ? 100_000 : 600);
            blocks[at] = (byte*)Allocator.Allocate((nuint)bytes[at]);
            TestHeap.Fill(blocks[at], (nuint)bytes[at], (byte)at);
        }
        for (int i = 0; i < Count; i++)
        {
            if (blocks[i] == null) continue;
            Assert.True(TestHeap.IsFilled(blocks[i], (nuint)bytes[i], (byte)i));
            Allocator.Free(blocks[i]);
        }
    }

    [Fact]
    public void AZeroedBlockReadsAsZeroAfterItsMemoryWasUsed()
    {
        foreach (nuint bytes in s_sizes)
        {
            void* used = Allocator.Allocate(bytes);
            TestHeap.Fill((byte*)used, bytes, 0xFF);
            Allocator.Free(used);
            byte* block = (byte*)Allocator.AllocateZeroed(bytes);
            Assert.True(TestHeap.IsFilled(block, bytes, 0));
            Allocator.Free(block);
        }
    }

    [Fact]
    public void AnAlignedBlockIsAligned()
    {
        for (nuint alignment = 16; alignment <= 16 * Units.MiB; alignment *= 2)
        {
            byte* block = (byte*)Allocator.AllocateAligned(alignment, 777);
            Assert.True(block != null && (nuint)block % alignment == 0, $"alignment {alignment}: {(nuint)block:x}");
            TestHeap.Fill(block, 777, 1);
            Allocator.Free(block);
        }
    }

    [Fact]
    public void ReallocateKeepsTheSmallerOfBothLengths()
    {
        foreach (nuint from in s_sizes)
            foreach (nuint to in s_sizes)
            {
                if (to == 0) continue;
                byte* block = (byte*)Allocator.Allocate(from);
                TestHeap.Fill(block, from, 0x21);
                block = (byte*)Allocator.Reallocate(block, to);
                Assert.True(block != null && TestHeap.IsFilled(block, Math.Min(from, to), 0x21));
                TestHeap.Fill(block, to, 0x22);
                Allocator.Free(block);
            }
    }

    [Fact]
    public void ReallocateOfNullAllocates()
    {
        void* block = Allocator.Reallocate(null, 50);
        Assert.True(block != null);
        Allocator.Free(block);
    }

    [Fact]
    public void FreeOfNullDoesNothing() => Allocator.Free(null);

    [Fact]
    public void ABlockMayBeFreedByAnotherThread()
    {
        byte*[] blocks = new byte*[5000];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = (byte*)Allocator.Allocate((nuint)(i % 900));
            TestHeap.Fill(blocks[i], (nuint)(i % 900), (byte)i);
        }
        TestHeap.OnThread(() =>
        {
            for (int i = 0; i < blocks.Length; i++)
            {
                Assert.True(TestHeap.IsFilled(blocks[i], (nuint)(i % 900), (byte)i));
                Allocator.Free(blocks[i]);
            }
        });
    }
}
