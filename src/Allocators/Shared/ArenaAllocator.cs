using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>
/// An arena as an allocator: a block is the next piece of a mapping, and what is given back stays where it is. For a program that runs
/// for a moment. For a .NET program, <c>GlobalAllocator.Use(default(ArenaAllocator))</c>; as a plugin,
/// <c>Plugin.Export(default(ArenaAllocator))</c>. One that is reset, or has scopes, is <see cref="NativeArena"/>.
/// </summary>
/// <remarks>
/// Threads share a few arenas; each is claimed for the length of a call, and a thread that meets another one goes on to the next
/// arena. So no thread waits for one that a fork has lost in the child.
/// </remarks>
public unsafe struct ArenaAllocator : IMemoryAllocator
{
    const nuint Granule = 16, OsPage = 4096;
    const nuint ChunkBytes = 8 * Units.MiB;             // address space; memory is there once it is touched
    const nuint AloneMinBytes = ChunkBytes / 8;         // a larger block gets a mapping of its own
    const int StripeCount = 16, StripeBytes = 128;      // two cache lines each: neighbours are not slowed down
    const int MaxRounds = 1000;                         // over all stripes, before a block gets a mapping of its own

    [StructLayout(LayoutKind.Sequential, Size = StripeBytes)]
    struct Stripe
    {
        public int Claimed;                             // 1 while a thread is inside; by compare-and-swap
        public nuint GivenOutBytes;                     // by the claimer
        public ArenaCore Arena;                         // by the claimer
    }

    nuint _stripes;                                     // Stripe*; 0 until the first request
    nuint _aloneBytes, _mappedBytes;                    // any thread

    /// <inheritdoc/>
    public void* Allocate(nuint bytes) => AllocateAligned(Granule, bytes);

    /// <summary>Does nothing.</summary>
    public void Deallocate(void* block) { }

    /// <inheritdoc/>
    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        if (alignment < Granule) alignment = Granule;
        if (bytes == 0) bytes = 1;                      // each block is another
        nuint needed = ArenaCore.ChunkBytes(bytes, alignment);
        if (needed == 0 || needed > nuint.MaxValue / 4) return null;
        if (needed >= AloneMinBytes || !HasStripes()) return AllocateAlone(alignment, bytes);
        Stripe* stripe = Claim();
        if (stripe == null) return AllocateAlone(alignment, bytes);
        void* block = stripe->Arena.TryAllocate(bytes, alignment);
        if (block == null && Map(ChunkBytes) is var chunk && chunk != null)
        {
            stripe->Arena.Enter(chunk, ChunkBytes);
            block = stripe->Arena.TryAllocate(bytes, alignment);
        }
        if (block != null) stripe->GivenOutBytes += bytes;
        Volatile.Write(ref stripe->Claimed, 0);         // pairs with `Claim`
        return block;
    }

    /// <inheritdoc/>
    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        nuint givenOut = Volatile.Read(ref _aloneBytes);
        Stripe* stripes = (Stripe*)Volatile.Read(ref _stripes);
        for (int i = 0; i < StripeCount && stripes != null; i++) givenOut += Volatile.Read(ref stripes[i].GivenOutBytes);
        StatusLine line = default;
        line.Begin("arena"u8);
        line.Add("given out"u8, givenOut);
        line.Add("mapped"u8, Volatile.Read(ref _mappedBytes));
        line.CopyTo(buffer, bufferBytes);
    }

    /// <summary>It has no profiler: false.</summary>
    public bool Profile(bool active, byte* prefix) => false;

    // Null: all of them were claimed all the time.
    Stripe* Claim()
    {
        // A thread's stack tells it from others: the first choice of most is a stripe of their own.
        int local;
        uint first = (uint)((nuint)(&local) >> 16) * 2654435769u >> 28;
        Stripe* stripes = (Stripe*)_stripes;
        for (uint i = 0; i < MaxRounds * StripeCount; i++)
        {
            Stripe* stripe = stripes + (first + i) % StripeCount;
            if (Volatile.Read(ref stripe->Claimed) == 0 && Interlocked.CompareExchange(ref stripe->Claimed, 1, 0) == 0) return stripe;
        }
        return null;
    }

    void* AllocateAlone(nuint alignment, nuint bytes)
    {
        nuint start = (nuint)Map(Bits.RoundUp(bytes + alignment - Granule, OsPage));
        if (start == 0) return null;
        Atomic.Add(ref _aloneBytes, bytes);
        return (void*)Bits.RoundUp(start, alignment);
    }

    void* Map(nuint bytes)
    {
        void* mapping = CLibrary.Map(bytes);
        if (mapping != null) Atomic.Add(ref _mappedBytes, bytes);
        return mapping;
    }

    bool HasStripes()
    {
        if (Volatile.Read(ref _stripes) != 0) return true;
        void* fresh = CLibrary.Map(StripeCount * StripeBytes);
        if (fresh == null) return false;
        // Another thread may have been faster.
        if (Interlocked.CompareExchange(ref _stripes, (nuint)fresh, 0) != 0) CLibrary.Unmap(fresh, StripeCount * StripeBytes);
        return true;
    }
}
