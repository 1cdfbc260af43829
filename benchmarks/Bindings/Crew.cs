using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris.Benchmarks;

/// <summary>The threads of one turn, and what they hand each other.</summary>
sealed unsafe class Crew(int count) : IDisposable
{
    public const int BatchBlocks = 2_000;

    readonly Barrier _barrier = new(count);
    readonly void** _blocks = (void**)NativeMemory.Alloc((nuint)count * BatchBlocks, (nuint)sizeof(void*));

    public int Count => count;

    /// <summary>Room for the blocks of a member, from 0.</summary>
    public void** Batch(int member) => _blocks + member * BatchBlocks;

    public void Meet() => _barrier.SignalAndWait();

    public void Dispose()
    {
        _barrier.Dispose();
        NativeMemory.Free(_blocks);
    }
}
