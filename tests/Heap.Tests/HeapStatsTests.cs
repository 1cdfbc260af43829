using System.Runtime.CompilerServices;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class HeapStatsTests
{
    static ulong Allocated(in HeapSnapshot snapshot, nuint bytes) => snapshot.ClassAllocatedCount[SizeClasses.Of(bytes)];

    static ulong Live(in HeapSnapshot snapshot, nuint bytes) => snapshot.ClassLiveCount[SizeClasses.Of(bytes)];

    [Fact]
    public void SmallBlocksAreCountedByClass() => TestHeap.OnThread(() =>
    {
        HeapSnapshot before = TestHeap.Snapshot();
        byte*[] blocks = new byte*[1000];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = TestHeap.Allocate(90);
        for (int i = 0; i < 300; i++) TestHeap.Free(blocks[i]);
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(1000ul, Allocated(after, 90) - Allocated(before, 90));
        Assert.Equal(700ul, Live(after, 90) - Live(before, 90));
        Assert.Equal(700ul * 96, after.LiveBytes - before.LiveBytes);
        Assert.Equal(1000ul * 96, after.AllocatedBytes - before.AllocatedBytes);
        for (int i = 300; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        after = TestHeap.Snapshot();
        Assert.Equal(before.LiveBytes, after.LiveBytes);
        Assert.Equal(1000ul, after.AllocatedCount - before.AllocatedCount);
    });

    // Goal: blocks freed by another thread are off the live count at once, and counted as remote.
    [Fact]
    public void FreesByOtherThreadsCount()
    {
        byte*[] blocks = new byte*[3000];
        ulong freed = 0;
        TestHeap.Flush();
        HeapSnapshot before = TestHeap.Snapshot();
        for (int i = 0; i < blocks.Length; i++) blocks[i] = TestHeap.Allocate(200);
        TestHeap.OnThread(() =>
        {
            TestHeap.TakeEmptyCache();
            freed = TestHeap.Snapshot().RemoteFreeCount;
            foreach (byte* block in blocks) TestHeap.Free(block);
            TestHeap.Flush();
        });
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(Live(before, 200), Live(after, 200));
        Assert.Equal(3000ul, after.RemoteFreeCount - freed);
        Assert.Equal(3000ul, Allocated(after, 200) - Allocated(before, 200));
    }

    [Fact]
    public void LargeAndHugeBlocksAreCounted()
    {
        HeapSnapshot before = TestHeap.Snapshot();
        byte* large = TestHeap.Allocate(500_000), huge = TestHeap.Allocate(50 * Units.MiB);
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(1ul, after.LargeLiveCount - before.LargeLiveCount);
        Assert.Equal(Bits.RoundUp(500_000, 4096), after.LargeLiveBytes - before.LargeLiveBytes);
        Assert.Equal(1ul, after.HugeLiveCount - before.HugeLiveCount);
        Assert.Equal(50ul * Units.MiB, after.HugeLiveBytes - before.HugeLiveBytes);
        large = TestHeap.Reallocate(large, 600_000);
        huge = TestHeap.Reallocate(huge, 70 * Units.MiB);
        after = TestHeap.Snapshot();
        Assert.Equal(1ul, after.LargeLiveCount - before.LargeLiveCount);
        Assert.Equal(Bits.RoundUp(600_000, 4096), after.LargeLiveBytes - before.LargeLiveBytes);
        Assert.Equal(70ul * Units.MiB, after.HugeLiveBytes - before.HugeLiveBytes);
        TestHeap.Free(large);
        TestHeap.Free(huge);
        after = TestHeap.Snapshot();
        Assert.Equal(before.LiveBytes, after.LiveBytes);
        Assert.Equal(before.LiveCount, after.LiveCount);
        Assert.Equal(before.CommittedBytes, after.CommittedBytes);
    }

    [Fact]
    public void ThreadsAreCounted()
    {
        TestHeap.Free(TestHeap.Allocate(16));
        HeapSnapshot before = TestHeap.Snapshot(), inside = default;
        TestHeap.OnThread(() =>
        {
            TestHeap.Free(TestHeap.Allocate(16));
            inside = TestHeap.Snapshot();
        });
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(before.ThreadCount + 1, inside.ThreadCount);
        Assert.Equal(before.ThreadCount, after.ThreadCount);
        Assert.Equal(before.StartedThreadCount + 1, after.StartedThreadCount);
        Assert.True(after.PeakThreadCount >= inside.ThreadCount);
    }

    // Memory that can be read only up to a point.
    struct ShortMemory : IProcessMemory
    {
        public int Reads, Limit;

        public bool Read(nuint address, void* into, nuint bytes)
        {
            if (++Reads > Limit) return false;
            RawMemory.Copy((void*)address, into, bytes);
            return true;
        }
    }

    [Fact]
    public void AReaderFromOutsideSeesTheSame()
    {
        TestHeap.Free(TestHeap.Allocate(16));
        HeapSnapshot own = TestHeap.Snapshot(), read;
        ShortMemory memory = new() { Limit = int.MaxValue };
        Assert.True(HeapStats.TryRead((nuint)TestHeap.Root, ref memory, &read));
        Assert.Equal(Bytes(own), Bytes(read));
        for (int limit = 0; limit < memory.Reads; limit += 1 + memory.Reads / 50)
        {
            ShortMemory shorter = new() { Limit = limit };
            Assert.False(HeapStats.TryRead((nuint)TestHeap.Root, ref shorter, &read));
        }
    }

    static byte[] Bytes(in HeapSnapshot snapshot)
    {
        fixed (HeapSnapshot* at = &snapshot) return new System.ReadOnlySpan<byte>(at, Unsafe.SizeOf<HeapSnapshot>()).ToArray();
    }

    [Fact]
    public void MemoryThatIsNoHeapIsRefused()
    {
        byte* nothing = stackalloc byte[HeapRoot.Bytes];
        RawMemory.Clear(nothing, HeapRoot.Bytes);
        OwnMemory memory = default;
        HeapSnapshot snapshot;
        Assert.False(HeapStats.TryRead((nuint)nothing, ref memory, &snapshot));
    }
}
