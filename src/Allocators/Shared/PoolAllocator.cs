using System.Threading;

namespace Lampyris;

/// <summary>
/// A pool for each block size from 16 to 1024 bytes in steps of 16; whatever is larger, or aligned to more than 16, is the C library's.
/// For any threads, without locks. For a .NET program, <c>GlobalAllocator.Use(default(PoolAllocator))</c>; as a plugin,
/// <c>Plugin.Export(default(PoolAllocator))</c>.
/// </summary>
/// <remarks>
/// All pools lie in one stretch of address space, so a block's address alone tells its pool; a pool that has used up its part of it
/// passes on to the C library. A copy of it that has been used shares the pools.
/// </remarks>
public unsafe struct PoolAllocator : IMemoryAllocator
{
    const int Step = 16, PoolCount = 64, MaxBytes = PoolCount * Step;
    const nuint PoolBytes = 256 * Units.MiB;            // address space; memory is there once it is touched

    nuint _pools;                                       // where they begin; 0 until the first request. The `PoolCore`s lie behind them

    static nuint AllPoolsBytes => unchecked(PoolCount * PoolBytes);

    /// <inheritdoc/>
    public void* Allocate(nuint bytes)
    {
        if (bytes > MaxBytes || !HasPools()) return CLibrary.Allocate(bytes);
        void* block;
        return Pool(bytes == 0 ? 0 : (bytes - 1) / Step)->Take(&block, 1) != 0 ? block : CLibrary.Allocate(bytes);
    }

    /// <inheritdoc/>
    public void* AllocateAligned(nuint alignment, nuint bytes) => alignment <= Step ? Allocate(bytes) : CLibrary.AllocateAligned(alignment, bytes);

    /// <inheritdoc/>
    public void Deallocate(void* block)
    {
        nuint offset = (nuint)block - _pools;
        if (_pools != 0 && offset < AllPoolsBytes) Pool(offset / PoolBytes)->Return(&block, 1);
        else CLibrary.Free(block);
    }

    /// <inheritdoc/>
    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        ulong blocks = 0, bytes = 0;
        for (nuint pool = 0; pool < PoolCount && Volatile.Read(ref _pools) != 0; pool++)
        {
            ulong cut = Pool(pool)->CutCount;
            blocks += cut;
            bytes += cut * (pool + 1) * Step;
        }
        StatusLine line = default;
        line.Begin("pool"u8);
        line.Add("blocks"u8, blocks);
        line.Add("bytes"u8, bytes);
        line.CopyTo(buffer, bufferBytes);
    }

    /// <summary>It has no profiler: false.</summary>
    public bool Profile(bool active, byte* prefix) => false;

    PoolCore* Pool(nuint pool) => (PoolCore*)(_pools + AllPoolsBytes) + pool;

    // False: the address space is refused.
    bool HasPools()
    {
        if (Volatile.Read(ref _pools) != 0) return true;
        nuint all = AllPoolsBytes + (nuint)(PoolCount * sizeof(PoolCore)), fresh = (nuint)CLibrary.Map(all);
        if (fresh == 0) return false;
        PoolCore* cores = (PoolCore*)(fresh + AllPoolsBytes);
        for (uint pool = 0; pool < PoolCount; pool++)
        {
            nuint blockBytes = (pool + 1) * Step;
            cores[pool] = new PoolCore(blockBytes, (uint)(PoolBytes / blockBytes));         // one chunk, and no other
            cores[pool].AddChunk((void*)(fresh + pool * PoolBytes));
        }
        // Another thread may have been faster.
        if (Interlocked.CompareExchange(ref _pools, fresh, 0) != 0) CLibrary.Unmap((void*)fresh, all);
        return true;
    }
}
