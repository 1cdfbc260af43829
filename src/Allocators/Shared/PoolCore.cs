using System.Numerics;
using System.Threading;

namespace Lampyris;

/// <summary>
/// Blocks of one size for any threads, without locks: what `NativePool` and `PoolAllocator` have in common. It owns no memory: who
/// holds it hands it chunks, each twice as long as the one before, and frees them.
/// </summary>
/// <remarks>
/// Free blocks lie on a stack in batches, so that a thread takes or returns many by one compare-and-swap. In a free block, word 0 is
/// the link to the next batch (of a batch's first block only), word 1 that to the next block of the batch, both as index + 1.
/// Invariant: blocks given out + blocks in batches == blocks cut, at most the capacity.
/// </remarks>
unsafe struct PoolCore : IIndexLinks
{
    public const int MinBlockBytes = 8;         // room for the two links
    const int MaxChunks = 25;
    const uint MaxBlocks = uint.MaxValue / 2;

    IndexStack _batches;                        // any thread
    uint _cut;                                  // blocks cut from the chunks so far; any thread, by compare-and-swap
    uint _capacity;                             // blocks in all chunks; grows in `AddChunk`, whose caller lets in one thread at a time
    uint _chunkCount;
    readonly uint _firstBlocks;                 // of the first chunk
    readonly nuint _blockBytes;
    fixed ulong _chunks[MaxChunks];             // byte*; those up to the capacity are constant

    /// <param name="blockBytes">At least <see cref="MinBlockBytes"/>, and a multiple of what its blocks are to be aligned to.</param>
    /// <param name="firstBlocks">Blocks of the first chunk, 1 and up.</param>
    public PoolCore(nuint blockBytes, uint firstBlocks)
    {
        _blockBytes = blockBytes;
        _firstBlocks = firstBlocks;
    }

    public readonly nuint NextChunkBytes => (nuint)BlocksOf(_chunkCount) * _blockBytes;

    /// <summary>Whether there is a block to be had without another chunk.</summary>
    public readonly bool HasRoom => _batches.First != 0 || Volatile.Read(in _cut) < Volatile.Read(in _capacity);

    /// <summary>Blocks that were ever given out.</summary>
    public readonly uint CutCount => Volatile.Read(in _cut);

    /// <summary>Adds <see cref="NextChunkBytes"/>. False when there are as many blocks as can be numbered.</summary>
    public bool AddChunk(void* memory)
    {
        ulong grown = (ulong)_capacity + BlocksOf(_chunkCount);
        if (_chunkCount == MaxChunks || grown > MaxBlocks) return false;
        _chunks[_chunkCount++] = (ulong)memory;
        Volatile.Write(ref _capacity, (uint)grown);         // pairs with `Cut`: who sees the capacity, sees the chunk
        return true;
    }

    /// <summary>The chunk of a number; null behind the last one.</summary>
    public readonly void* Chunk(uint number) => number < _chunkCount ? (void*)_chunks[(int)number] : null;

    /// <summary>
    /// Takes one batch, as it was returned, or cuts up to <paramref name="cutMost"/> blocks; the room at <paramref name="into"/> is for
    /// either. Returns how many; 0 when a chunk is needed.
    /// </summary>
    public uint Take(void** into, uint cutMost)
    {
        uint next = _batches.Pop(ref this);
        if (next == 0) return Cut(into, cutMost);
        uint count = 0;
        while (next != 0)
        {
            uint* block = LinkOf(next - 1);
            into[count++] = block;
            next = block[1];
        }
        return count;
    }

    /// <summary>Returns 1 or more blocks, as one batch.</summary>
    public void Return(void** blocks, uint count)
    {
        uint next = 0;
        for (uint i = count; i-- != 0;)
        {
            ((uint*)blocks[i])[1] = next;
            next = IndexOf(blocks[i]) + 1;
        }
        _batches.Push(ref this, next - 1);
    }

    /// <summary>Blocks in batches. Counts them one by one, while no other thread uses the pool.</summary>
    public readonly uint FreeCount()
    {
        uint count = 0;
        for (uint batch = _batches.First; batch != 0; batch = *LinkOf(batch - 1))
            for (uint next = batch; next != 0; next = LinkOf(next - 1)[1]) count++;
        return count;
    }

    /// <summary>The address of a block that has been cut.</summary>
    public readonly uint* LinkOf(uint index)
    {
        if (index < _firstBlocks) return (uint*)(_chunks[0] + index * _blockBytes);
        int chunk = BitOperations.Log2(index / _firstBlocks + 1);
        return (uint*)(_chunks[chunk] + (nuint)(index - BlocksBefore((uint)chunk)) * _blockBytes);
    }

    readonly uint IndexOf(void* block)
    {
        // The last chunk first: half of all blocks lie there.
        uint chunk = _chunkCount;
        while (--chunk != 0)
        {
            nuint offset = (nuint)block - (nuint)_chunks[(int)chunk];
            if (offset < BlocksOf(chunk) * _blockBytes) return BlocksBefore(chunk) + (uint)(offset / _blockBytes);
        }
        return (uint)(((nuint)block - (nuint)_chunks[0]) / _blockBytes);
    }

    uint Cut(void** into, uint most)
    {
        uint capacity = Volatile.Read(ref _capacity), seen = Volatile.Read(ref _cut);
        while (seen < capacity)
        {
            uint count = capacity - seen < most ? capacity - seen : most;
            uint before = Interlocked.CompareExchange(ref _cut, seen + count, seen);
            if (before == seen)
            {
                // The last one is used first: so a thread walks up through its blocks.
                for (uint i = 0; i < count; i++) into[count - 1 - i] = LinkOf(seen + i);
                return count;
            }
            seen = before;
        }
        return 0;
    }

    readonly uint BlocksBefore(uint chunk) => (uint)((1UL << (int)chunk) - 1) * _firstBlocks;

    readonly ulong BlocksOf(uint chunk) => (ulong)_firstBlocks << (int)chunk;
}
