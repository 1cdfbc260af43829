using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>One piece of compiled code of a .NET method: a method has one for each tier.</summary>
internal sealed class DotNetMethod
{
    public required ulong Start { get; init; }

    /// <summary>Bytes; 0 where the runtime did not say, as for precompiled code before the process's end.</summary>
    public required ulong Bytes { get; init; }

    public required ulong MethodId { get; init; }
    public required ulong ModuleId { get; init; }
    public required string Type { get; init; }
    public required string Name { get; init; }
    public required string Signature { get; init; }

    /// <summary>Of the metadata; 0 where not known.</summary>
    public int Token { get; init; }

    /// <summary>As the runtime calls it: QuickJitted, OptimizedTier1, ReadyToRun and so on.</summary>
    public string Tier { get; init; } = "";

    /// <summary>Which instruction of IL begins at which byte of the code, sorted by the latter; null where not known.</summary>
    public (int Native, int Il)[]? LineMap { get; set; }

    /// <summary>The IL instruction that a byte of the code belongs to; null where that is not known.</summary>
    public int? IlAt(ulong address)
    {
        if (LineMap is null) return null;
        int offset = (int)Math.Min(address - Start, int.MaxValue);
        int? found = null;
        foreach ((int native, int il) in LineMap)
        {
            if (native > offset) break;
            if (il >= 0) found = il;
        }
        return found ?? 0;
    }
}

/// <summary>A .NET assembly that was loaded.</summary>
/// <param name="Path">of the assembly's file</param>
/// <param name="PdbId">of the debug information that was made with it; empty where there is none</param>
internal readonly record struct DotNetModule(string Path, Guid PdbId);

/// <summary>A sampled allocation on the GC heap.</summary>
/// <param name="Time">when</param>
/// <param name="ThreadId">the kernel's ID of the thread</param>
/// <param name="Type">readable</param>
/// <param name="Weight">estimate of what it stands for</param>
/// <param name="Stack">return addresses of managed frames, innermost first</param>
public sealed record ManagedAllocation(DateTimeOffset Time, int ThreadId, string Type, Weight Weight, IReadOnlyList<ulong> Stack);
