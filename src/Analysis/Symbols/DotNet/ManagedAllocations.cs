using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Diagnostics.Tracing.Etlx;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Lampyris.Analysis;

// The runtime's samples of what the GC heap allocates: each byte allocated has the same chance to be picked, so an
// allocation is sampled with a chance that depends on its size alone, and stands for the inverse of that chance.
public static class ManagedAllocations
{
    /// <summary>Bytes from one sampled byte to the next, on average; .NET 10 has no setting for it.</summary>
    const double MeanIntervalBytes = 100 * 1024;

    const int MaxDepth = 1024;

    /// <summary>The samples of a trace file in the order of time, as far as it can be read; empty where none were asked for.</summary>
    public static IReadOnlyList<ManagedAllocation> Read(string path)
    {
        var allocations = new List<ManagedAllocation>();
        // The library keeps stacks only in a form of the file of its own.
        string converted = Path.GetTempFileName();
        try
        {
            TraceLog.CreateFromEventPipeDataFile(path, converted, new TraceLogOptions { ContinueOnError = true });
            using var log = new TraceLog(converted);
            using TraceLogEventSource source = log.Events.GetSource();
            source.Clr.AllocationSampling += sample => allocations.Add(Of(sample, log));
            source.Process();
        }
        // The library's readers throw whatever the damaged bytes lead them to.
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return allocations;
        }
        finally
        {
            File.Delete(converted);
        }
        return allocations;
    }

    static ManagedAllocation Of(AllocationSampledTraceData sample, TraceLog log)
    {
        var stack = new List<ulong>();
        for (CallStackIndex at = sample.CallStackIndex(); at != CallStackIndex.Invalid && stack.Count < MaxDepth; at = log.CallStacks.Caller(at))
            stack.Add(log.CodeAddresses.Address(log.CallStacks.CodeAddressIndex(at)));
        return new ManagedAllocation(sample.TimeStamp.ToUniversalTime(), sample.ThreadID, TypeText.Readable(sample.TypeName), WeightOf(sample.ObjectSize), stack);
    }

    /// <summary>What a sampled allocation of so many bytes stands for.</summary>
    internal static Weight WeightOf(long bytes)
    {
        // 1 - (1 - 1/mean)^bytes, exact for small sizes too.
        double chance = -double.ExpM1(bytes * double.LogP1(-1 / MeanIntervalBytes));
        double count = chance > 0 ? 1 / chance : 0;
        return new Weight((long)Math.Round(bytes * count), count);
    }
}
