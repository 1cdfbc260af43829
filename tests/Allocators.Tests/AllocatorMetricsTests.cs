using System;
using Xunit;

namespace Lampyris.Tests;

public sealed class AllocatorMetricsTests
{
    static string[] Lines(ProbeRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void WhatThreadsMoveIsReportedUnderTheNamesOfTheContract() => Assert.Equal([
        "memory_allocator.allocated_bytes instance=1024B: 65536",
        "memory_allocator.deallocated_bytes instance=1024B: 32768",
        "memory_allocator.used_bytes instance=1024B: 32768",
    ], Lines(ProbeRun.Good("metrics")));

    [Fact]
    public void EachReportOfAShortIntervalAddsUpToTheSame() => Assert.Equal(Lines(ProbeRun.Good("metrics")),
        Lines(ProbeRun.Good("metrics", environment: ("MEMORY_METRIC_REPORT_INTERVAL", "10000"))));

    [Fact]
    public void AVariableTellsThreadsApart() => Assert.Equal([
        "memory_allocator.allocated_bytes instance=1024B: 65536",
        "memory_allocator.deallocated_bytes instance=1024B: 32768",
        "memory_allocator.thread_accum_allocated_bytes instance=1024B thread=maker: 65536",
        "memory_allocator.thread_accum_deallocated_bytes instance=1024B thread=taker: 32768",
        "memory_allocator.thread_allocated_bytes instance=1024B thread=maker: 65536",
        "memory_allocator.thread_deallocated_bytes instance=1024B thread=taker: 32768",
        "memory_allocator.used_bytes instance=1024B: 32768",
    ], Lines(ProbeRun.Good("metrics", environment: ("MEMORY_METRIC_THREAD_COUNTER", "1"))));

    [Fact]
    public void BlocksOfAPluginCountInTheSameWay() => Assert.Equal(Lines(ProbeRun.Good("metrics")), Lines(ProbeRun.Good("metrics", Plugins.Counting)));

    [Fact]
    public void AnIntervalThatIsNoNumberIsSaid() => Assert.StartsWith("lampyris: MEMORY_METRIC_REPORT_INTERVAL=often is not a number of bytes; using 104857600",
        ProbeRun.Good("metrics", environment: ("MEMORY_METRIC_REPORT_INTERVAL", "often")).Error);

    [Fact]
    public void AfterTheFirstAllocationItIsTooLateToCount() =>
        Assert.StartsWith("InvalidOperationException: The allocator has been in use", Lines(ProbeRun.Good("metrics-late"))[1]);

    // Bucket 1 has all that is smaller than 512 bytes, the last one all from 64 MiB on.
    [Theory]
    [InlineData(0, 1, "256B")]
    [InlineData(511, 1, "256B")]
    [InlineData(512, 2, "512B")]
    [InlineData(1023, 2, "512B")]
    [InlineData(1024, 3, "1024B")]
    [InlineData(67_108_863, 18, "33554432B")]
    [InlineData(67_108_864, 19, "67108864B")]
    [InlineData(long.MaxValue, 19, "67108864B")]
    public void ABlockCountsInTheBucketOfItsSize(long bytes, int bucket, string name)
    {
        Assert.Equal(bucket, TrafficCounter.BucketOf((nuint)bytes));
        Assert.Equal(name, TrafficCounter.BucketName(bucket));
    }

    [Fact]
    public void EventsTellOfPluginsThatComeAndGo()
    {
        Assert.Equal($"PluginLoaded {Plugins.Counting}\n", ProbeRun.Good("events", argument: Plugins.Counting).Output);
        Assert.Equal($"PluginUnloaded {Plugins.Null}\n", ProbeRun.Good("events", argument: Plugins.Null).Output);
    }
}
