using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

/// <summary>
/// Blocks for values of one type, cut from chunks and kept for reuse until the pool goes, all at once. For any threads at any time,
/// but for <see cref="Dispose"/>, after which nothing of the pool may be touched.
/// </summary>
/// <remarks>
/// Free blocks are a stack linked by index; its head is one word of two halves, the first block's index + 1 and a count of all
/// changes, so that a compare-and-swap notices when the same block has come back meanwhile (Treiber's stack, 1986).
/// </remarks>
public sealed unsafe class NativePool<T> : IDisposable where T : unmanaged
{
    // A chunk begins at a multiple of its size, so a block's address alone leads to its chunk, and to its index.
    const int MinChunkBytes = 64 * Units.KiB, MinBlocksPerChunk = 8;

    struct Chunk
    {
        public uint FirstIndex;
    }

    readonly Lock _growth = new();
    nint[] _chunks = [];                            // Chunk*, by number; replaced under `_growth`, never changed where it is read
    ulong _head;                                    // count of changes << 32 | index + 1 of the first free block

    static nuint Stride => Math.Max((nuint)sizeof(T), Math.Max(Native.Alignment<T>(), sizeof(uint)));
    static nuint FirstOffset => Math.Max(Native.Alignment<T>(), (nuint)sizeof(Chunk));
    static nuint ChunkBytes => Math.Max(MinChunkBytes, System.Numerics.BitOperations.RoundUpToPowerOf2(FirstOffset + Stride * MinBlocksPerChunk));
    static uint BlocksPerChunk => (uint)((ChunkBytes - FirstOffset) / Stride);

    /// <summary>Blocks given out and not freed. Counts the free ones, so it takes its time; while nobody else uses the pool.</summary>
    public long LiveCount
    {
        get
        {
            // To keep a count would cost as much as all else that `New` does.
            long live = (long)_chunks.Length * BlocksPerChunk;
            for (uint next = (uint)_head; next != 0; next = *(uint*)BlockAt(next - 1)) live--;
            return live;
        }
    }

    /// <summary>A new value, a copy of <paramref name="value"/>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, see <see cref="OutOfMemory"/>.</exception>
    public T* New(in T value = default)
    {
        T* block = Pop();
        while (block == null)
        {
            Grow();
            block = Pop();
        }
        *block = value;
        return block;
    }

    /// <summary>Takes back a block of this pool; null does nothing.</summary>
    public void Delete(T* value)
    {
        if (value == null) return;
        Chunk* chunk = (Chunk*)((nuint)value & ~(ChunkBytes - 1));
        nuint offset = (nuint)value - (nuint)chunk - FirstOffset;
        Push(chunk->FirstIndex + (uint)(offset / Stride), (uint*)value);
    }

    /// <summary>Gives up all memory, that of live blocks too. While nobody uses the pool.</summary>
    public void Dispose()
    {
        foreach (nint chunk in Interlocked.Exchange(ref _chunks, [])) GlobalAllocator.Deallocate((void*)chunk);
        _head = 0;
    }

    T* Pop()
    {
        ulong seen = Volatile.Read(ref _head);
        while (true)
        {
            if ((uint)seen == 0) return null;
            byte* block = BlockAt((uint)seen - 1);
            // Another thread may own the block by now, and this may be anything: then the exchange fails.
            uint next = Volatile.Read(ref *(uint*)block);
            ulong before = Interlocked.CompareExchange(ref _head, Changed(seen) | next, seen);
            if (before == seen) return (T*)block;
            seen = before;
        }
    }

    // `link` is the first word of the last of one or more blocks already linked; `index` is that of the first.
    void Push(uint index, uint* link)
    {
        ulong seen = Volatile.Read(ref _head);
        while (true)
        {
            Volatile.Write(ref *link, (uint)seen);
            ulong before = Interlocked.CompareExchange(ref _head, Changed(seen) | (index + 1), seen);
            if (before == seen) return;
            seen = before;
        }
    }

    static ulong Changed(ulong head) => (head & ~(ulong)uint.MaxValue) + (1UL << 32);

    byte* BlockAt(uint index)
    {
        nint[] chunks = Volatile.Read(ref _chunks);
        return (byte*)chunks[index / BlocksPerChunk] + FirstOffset + index % BlocksPerChunk * Stride;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Grow()
    {
        lock (_growth)
        {
            if ((uint)Volatile.Read(ref _head) != 0) return;            // another thread has
            ulong first = (ulong)_chunks.Length * BlocksPerChunk;
            if (first + BlocksPerChunk >= uint.MaxValue) throw OutOfMemory.NoMemory(ChunkBytes);
            Chunk* chunk = (Chunk*)GlobalAllocator.AllocateAligned(ChunkBytes, ChunkBytes);
            if (chunk == null) chunk = (Chunk*)OutOfMemory.Retry(ChunkBytes, ChunkBytes);
            chunk->FirstIndex = (uint)first;
            Volatile.Write(ref _chunks, [.. _chunks, (nint)chunk]);
            // Each block is linked to the next one, the last by `Push`.
            uint last = BlocksPerChunk - 1;
            for (uint i = 0; i < last; i++) *(uint*)BlockAt(chunk->FirstIndex + i) = chunk->FirstIndex + i + 2;
            Push(chunk->FirstIndex, (uint*)BlockAt(chunk->FirstIndex + last));
        }
    }
}
