using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// One thread's bytes, allocated and freed, by size, until they are enough to be reported; what is left when the thread
// ends, the finalizer reports. Used by its thread only. Buckets, interval and names are those of 3FS's hosts.
sealed class TrafficCounter
{
    public const int BucketCount = 20;          // the total, then one for each power of two from 256 bytes
    const int FirstShift = 8;

    [ThreadStatic] static TrafficCounter? t_counter;

    BucketBytes _allocated, _freed;
    readonly string _thread = Thread.CurrentThread.Name ?? $"thread {Environment.CurrentManagedThreadId}";
    bool _isReporting;                          // a listener that allocates comes by here again

    public static TrafficCounter OfThisThread => t_counter ??= new();

    ~TrafficCounter() => Report();

    /// <summary>The bucket of a block; smaller and larger ones than there are buckets for go into the outermost.</summary>
    public static int BucketOf(nuint bytes) => Math.Clamp(BitOperations.Log2(bytes) - FirstShift + 1, 1, BucketCount - 1);

    /// <summary>As hosts name it: "Total", or the bytes from which on a block counts here.</summary>
    public static string BucketName(int bucket) => bucket == 0 ? "Total" : $"{1L << bucket + FirstShift - 1}B";

    public void Allocated(nuint bytes) => Add(ref _allocated, bytes);

    public void Freed(nuint bytes) => Add(ref _freed, bytes);

    void Add(ref BucketBytes buckets, nuint bytes)
    {
        buckets[0] += (long)bytes;
        buckets[BucketOf(bytes)] += (long)bytes;
        if (_allocated[0] + _freed[0] >= AllocatorMetrics.ReportIntervalBytes) Report();
    }

    void Report()
    {
        if (_isReporting) return;
        _isReporting = true;
        try
        {
            for (int bucket = 0; bucket < BucketCount; bucket++)
            {
                // Cleared first: what listeners allocate counts for the next time.
                long allocated = _allocated[bucket], freed = _freed[bucket];
                _allocated[bucket] = _freed[bucket] = 0;
                if (allocated != 0 || freed != 0) AllocatorMetrics.Report(bucket, _thread, allocated, freed);
            }
        }
        finally
        {
            _isReporting = false;
        }
    }

    [InlineArray(BucketCount)]
    struct BucketBytes
    {
        long _first;
    }
}
