using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SamplingTests : IDisposable
{
    const int Seeds = 1000;

    // What was picked and not freed: block to bytes asked for and bytes of the block.
    static readonly Dictionary<nint, (nuint Bytes, nuint BlockBytes)> s_live = [];
    static readonly Lock s_lock = new();
    static double s_bytes, s_count;
    static int s_refused;

    public SamplingTests()
    {
        s_live.Clear();
        s_bytes = s_count = s_refused = 0;
        HeapObserver.Watch(&Picked, &Freed, &Refused, &Requested);
    }

    public void Dispose() => Sampling.SetInterval(TestHeap.Root, 0);

    // The thread may have the cache of an ended one, whose pages still count from before.
    static void Begin(long interval)
    {
        Sampling.SetInterval(TestHeap.Root, interval);
        TestHeap.Free(TestHeap.Allocate(64));
        Sampling.ArmAll(TestHeap.Root, TestHeap.Cache);
        s_live.Clear();
        s_bytes = s_count = 0;
    }

    static void Picked(void* block, nuint bytes, nuint blockBytes)
    {
        lock (s_lock)
        {
            double p = Sampling.Probability(TestHeap.Root->SampleIntervalBytes, blockBytes);
            s_bytes += bytes / p;
            s_count += 1 / p;
            s_live.Add((nint)block, (bytes, blockBytes));
        }
    }

    static void Freed(void* block)
    {
        lock (s_lock) s_live.Remove((nint)block);
    }

    static void Refused(nuint bytes) => s_refused++;

    static void Requested(HeapRoot* root) { }

    static double LiveBytes(long interval) => s_live.Values.Sum(sample => sample.Bytes / Sampling.Probability(interval, sample.BlockBytes));

    // Goal: no bias, and the spread that docs/sampling.md states. Method: the same mix of small, medium and large blocks, half of it
    // freed, over many seeds, against exact sums.
    [Fact]
    public void EstimatesAreTheTruthOnAverageAndSpreadAsStated() => TestHeap.OnThread(() =>
    {
        const long Interval = 20_000;
        nuint[] sizes = [1, 16, 100, 700, 3000, 20_000, 70_000, 300_000];
        int[] counts = [4000, 4000, 3000, 500, 100, 40, 8, 3];
        double trueBytes = sizes.Zip(counts, (size, count) => (double)size * count).Sum(), trueCount = counts.Sum();
        var bytes = new List<double>();
        var live = new List<double>();
        var numbers = new List<double>();
        for (int seed = 0; seed < Seeds; seed++)
        {
            TestHeap.Root->SampleDraws = (ulong)seed * 0x1234567;
            Begin(Interval);
            var blocks = new List<nint>();
            for (int kind = 0; kind < sizes.Length; kind++)
                for (int i = 0; i < counts[kind]; i++) blocks.Add((nint)TestHeap.Allocate(sizes[kind]));
            for (int i = 0; i < blocks.Count; i += 2) TestHeap.Free((void*)blocks[i]);
            bytes.Add(s_bytes);
            numbers.Add(s_count);
            live.Add(LiveBytes(Interval));
            for (int i = 1; i < blocks.Count; i += 2) TestHeap.Free((void*)blocks[i]);
            Assert.Empty(s_live);
            Sampling.SetInterval(TestHeap.Root, 0);
        }
        double liveTruth = 0;
        for (int kind = 0, at = 0; kind < sizes.Length; kind++)
            for (int i = 0; i < counts[kind]; i++, at++) liveTruth += at % 2 == 1 ? sizes[kind] : 0;
        AssertUnbiased("allocated bytes", bytes, trueBytes);
        AssertUnbiased("allocations", numbers, trueCount);
        AssertUnbiased("live bytes", live, liveTruth);

        double variance = 0;
        for (int kind = 0; kind < sizes.Length; kind++)
        {
            byte* block = TestHeap.Allocate(sizes[kind]);
            double p = Sampling.Probability(Interval, Heap.UsableBytes(block, TestHeap.Cache));
            TestHeap.Free(block);
            variance += counts[kind] * (double)sizes[kind] * sizes[kind] * (1 - p) / p;
        }
        double spread = Deviation(bytes) / Math.Sqrt(variance);
        Console.WriteLine($"spread of allocated bytes: {spread:0.000} of what was computed");
        Assert.InRange(spread, 0.88, 1.12);             // 1000 values: five standard errors
    });

    static void AssertUnbiased(string what, List<double> estimates, double truth)
    {
        double mean = estimates.Average(), error = Deviation(estimates) / Math.Sqrt(estimates.Count);
        Console.WriteLine($"{what}: truth {truth:0}, mean of {Seeds} estimates {mean:0} ({mean / truth - 1:+0.00 %;-0.00 %}), standard error {error / truth:0.00 %}");
        Assert.InRange(mean, truth - 4 * error, truth + 4 * error);
    }

    static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1e-3)]
    [InlineData(0.4)]
    [InlineData(0.6)]
    [InlineData(3.0)]
    [InlineData(39.0)]
    [InlineData(1000.0)]
    public void TheProbabilityIsTheMathematicalLibrarys(double x) => Assert.Equal(-ExpM1(-x), Exponential.Within(x), 1e-12 * Math.Max(x, 1e-12));

    // e^x - 1 for negative x, without losing what is small.
    static double ExpM1(double x) => x > -1e-5 ? x + x * x / 2 + x * x * x / 6 : Math.Exp(x) - 1;

    [Fact]
    public void DrawsAreExponential()
    {
        var random = new Random(7);
        const int Count = 1_000_000;
        double sum = 0, squares = 0;
        int aboveThree = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = Exponential.Draw((ulong)random.NextInt64(long.MinValue, long.MaxValue));
            sum += x;
            squares += x * x;
            if (x > 3) aboveThree++;
        }
        Assert.Equal(1, sum / Count, 0.01);
        Assert.Equal(2, squares / Count, 0.03);
        Assert.Equal(Math.Exp(-3), (double)aboveThree / Count, 0.002);
    }

    [Fact]
    public void AtAnIntervalOfOneEveryAllocationIsPickedAndEveryFreeSeen() => TestHeap.OnThread(() =>
    {
        Begin(1);
        nuint[] sizes = [1, 64, 1000, 5000, 60_000, 100_000, 2_000_000, 40_000_000];
        foreach (nuint size in sizes)
        {
            for (int i = 0; i < 3; i++) TestHeap.Free(TestHeap.Allocate(size));
            s_live.Clear();
            byte* block = TestHeap.Allocate(size);
            Assert.Equal(size, s_live[(nint)block].Bytes);
            TestHeap.Free(block);
            Assert.Empty(s_live);
        }
    });

    [Fact]
    public void AResizedBlockCountsAsFreedAndAllocatedAgain() => TestHeap.OnThread(() =>
    {
        Begin(1);
        byte* block = TestHeap.Allocate(100_000);
        foreach (nuint size in new nuint[] { 130_000, 400_000, 9_000_000, 40_000_000, 200_000_000, 50_000, 90_000 })
        {
            block = TestHeap.Reallocate(block, size);
            Assert.True(block != null);
            Assert.Equal([(nint)block], s_live.Keys);
        }
        TestHeap.Free(block);
        Assert.Empty(s_live);
    });

    [Fact]
    public void PickedBlocksAreFreedByOtherThreadsAndTheHeapStaysWhole() => TestHeap.OnThread(() =>
    {
        Begin(500);
        nint[] blocks = new nint[20_000];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = (nint)TestHeap.Allocate((nuint)(i % 3000));
            new Span<byte>((void*)blocks[i], i % 3000).Fill((byte)i);
        }
        Assert.NotEmpty(s_live);
        Thread[] threads = Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (int i = n; i < blocks.Length; i += 4)
            {
                foreach (byte value in new ReadOnlySpan<byte>((void*)blocks[i], i % 3000)) Assert.Equal((byte)i, value);
                TestHeap.Free((void*)blocks[i]);
            }
        })).ToArray();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(s_live);
        TestHeap.Verify();
    });

    [Fact]
    public void PickingDoesNotChangeTheHeapsOwnCounts() => TestHeap.OnThread(() =>
    {
        Begin(1);
        HeapSnapshot before = TestHeap.Snapshot();
        byte*[] blocks = new byte*[1000];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = TestHeap.Allocate(90);
        HeapSnapshot after = TestHeap.Snapshot();
        Assert.Equal(1000ul, after.AllocatedCount - before.AllocatedCount);
        Assert.Equal(1000ul * 96, after.LiveBytes - before.LiveBytes);
        foreach (byte* block in blocks) TestHeap.Free(block);
        Assert.Equal(before.LiveBytes, TestHeap.Snapshot().LiveBytes);
    });

    [Fact]
    public void RefusedMemoryIsTold() => TestHeap.OnThread(() =>
    {
        Begin(1000);
        Assert.True(TestHeap.Allocate(nuint.MaxValue / 2 + 5) == null);
        Assert.Equal(1, s_refused);
    });
}
