using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Linq;

namespace Lampyris;

/// <summary>
/// Figures of <see cref="GlobalAllocator"/> as .NET metrics: the meter "Lampyris", with the instruments and tags of 3FS's hosts. Off
/// unless asked for before the first allocation, by <see cref="Enable"/>, the AppContext switch Lampyris.Metrics, or one of the
/// environment variables LAMPYRIS_METRICS=1, MEMORY_METRIC_REPORT_INTERVAL and MEMORY_METRIC_THREAD_COUNTER: counting costs a
/// few nanoseconds each time.
/// </summary>
/// <remarks>
/// <c>memory_allocator.used_bytes</c>, <c>.allocated_bytes</c> and <c>.deallocated_bytes</c> carry the tag <c>instance</c>: "Total", or the bytes
/// from which on a block counts there ("256B", which has the smaller ones too, "512B", …). A thread reports when it has moved
/// MEMORY_METRIC_REPORT_INTERVAL bytes (100 MiB) and when it has ended. With MEMORY_METRIC_THREAD_COUNTER set to anything,
/// <c>.thread_allocated_bytes</c>, <c>.thread_deallocated_bytes</c>, and their <c>.thread_accum_</c> forms, carry the tag <c>thread</c>, too.
/// After <see cref="GlobalAllocator.Shutdown"/> nothing is reported.
/// </remarks>
public static class AllocatorMetrics
{
    public const string MeterName = "Lampyris";

    const string Switch = "Lampyris.Metrics", Variable = "LAMPYRIS_METRICS";
    const string IntervalVariable = "MEMORY_METRIC_REPORT_INTERVAL", ThreadVariable = "MEMORY_METRIC_THREAD_COUNTER";
    const string Unit = "By";

    static readonly Meter s_meter = new(MeterName);
    static readonly UpDownCounter<long> s_used = s_meter.CreateUpDownCounter<long>("memory_allocator.used_bytes", Unit, "Allocated and not freed.");
    static readonly Counter<long> s_allocated = Counter("allocated_bytes"), s_deallocated = Counter("deallocated_bytes");
    static readonly Counter<long> s_threadAllocated = Counter("thread_allocated_bytes"), s_threadDeallocated = Counter("thread_deallocated_bytes");
    static readonly Counter<long> s_threadAccumAllocated = Counter("thread_accum_allocated_bytes"), s_threadAccumDeallocated = Counter("thread_accum_deallocated_bytes");

    static readonly KeyValuePair<string, object?>[] s_buckets =
        [.. Enumerable.Range(0, TrafficCounter.BucketCount).Select(bucket => new KeyValuePair<string, object?>("instance", TrafficCounter.BucketName(bucket)))];

    static readonly bool s_byThread = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ThreadVariable));

    /// <summary>Bytes that a thread allocates and frees before it reports.</summary>
    internal static long ReportIntervalBytes { get; } = ReadInterval();

    /// <summary>Asks for the figures.</summary>
    /// <exception cref="InvalidOperationException">Something has been allocated already.</exception>
    public static void Enable() => AllocatorChoice.Count();

    internal static bool IsAskedForFromOutside => AppContext.TryGetSwitch(Switch, out bool on)
        ? on
        : Environment.GetEnvironmentVariable(Variable) == "1" || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(IntervalVariable))
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ThreadVariable));

    internal static void Report(int bucket, string thread, long allocated, long freed)
    {
        if (GlobalAllocator.IsShutDown) return;
        KeyValuePair<string, object?> instance = s_buckets[bucket], byThread = new("thread", thread);
        if (allocated != freed) s_used.Add(allocated - freed, instance);
        if (allocated != 0)
        {
            s_allocated.Add(allocated, instance);
            if (s_byThread)
            {
                s_threadAllocated.Add(allocated, instance, byThread);
                s_threadAccumAllocated.Add(allocated, instance, byThread);
            }
        }
        if (freed == 0) return;
        s_deallocated.Add(freed, instance);
        if (!s_byThread) return;
        s_threadDeallocated.Add(freed, instance, byThread);
        s_threadAccumDeallocated.Add(freed, instance, byThread);
    }

    static long ReadInterval()
    {
        const long Default = 100L * Units.MiB;

        string? text = Environment.GetEnvironmentVariable(IntervalVariable);
        if (string.IsNullOrEmpty(text)) return Default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0) return bytes;
        ErrorLine.Write($"{IntervalVariable}={text} is not a number of bytes; using {Default}");
        return Default;
    }

    static Counter<long> Counter(string name) => s_meter.CreateCounter<long>("memory_allocator." + name, Unit);
}
