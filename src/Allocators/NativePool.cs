using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>
/// Blocks for values of one type, cut from chunks and kept for reuse until the pool goes, all at once. For any threads at any time,
/// but for <see cref="Dispose"/>, after which nothing of the pool may be touched. A pool that serves a whole process is
/// <see cref="PoolAllocator"/>.
/// </summary>
/// <remarks>
/// Each thread has a magazine of free blocks (at most 64, and 64 KiB), which it fills and empties half at a time: then one
/// compare-and-swap serves 32 calls. What an ended thread held comes back with the next garbage collection.
/// </remarks>
public sealed unsafe class NativePool<T> : IDisposable where T : unmanaged
{
    const int MinChunkBytes = 64 * Units.KiB, MinBlocksPerChunk = 8, MaxMagazineBytes = 64 * Units.KiB;

    readonly Lock _growth = new();
    readonly uint _number;                          // of this pool, in `PoolMagazines`
    PoolCore* _core;                                // null: disposed of

    public NativePool()
    {
        _core = (PoolCore*)NativeMemory.Alloc((nuint)sizeof(PoolCore));
        *_core = new PoolCore(Stride, FirstBlocks);
        _number = PoolMagazines.Add(_core);
    }

    static nuint Stride => Bits.RoundUp(Math.Max((nuint)sizeof(T), PoolCore.MinBlockBytes), Math.Max(Native.Alignment<T>(), sizeof(uint)));
    static uint FirstBlocks => (uint)Math.Max(MinChunkBytes / Stride, MinBlocksPerChunk);
    static int MagazineBlocks => (int)Math.Clamp(MaxMagazineBytes / Stride, 2, PoolMagazine.MaxBlocks);

    /// <summary>Blocks given out and not freed. Counts the free ones, so it takes its time; while nobody else uses the pool.</summary>
    public long LiveCount =>
        // To keep a count would cost as much as all else that `New` does.
        _core == null ? 0 : _core->CutCount - _core->FreeCount() - PoolMagazines.CountBlocks(_number);

    /// <summary>A new value, all zero.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, see <see cref="OutOfMemory"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* New()
    {
        T* block = Take();
        *block = default;
        return block;
    }

    /// <summary>A new value, a copy of <paramref name="value"/>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, see <see cref="OutOfMemory"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* New(in T value)
    {
        T* block = Take();
        *block = value;
        return block;
    }

    /// <summary>A block that holds whatever it held before: for who fills it at once, such as an <see cref="INativeSource"/>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, see <see cref="OutOfMemory"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Take()
    {
        PoolMagazine* magazine = MagazineTable.Find(_number);
        if (magazine == null) return TakeSlow();
        int last = magazine->Count - 1;
        if (last < 0) return TakeSlow();
        magazine->Count = last;
        return (T*)PoolMagazine.Blocks(magazine)[last];
    }

    /// <summary>Takes back a block of this pool; null does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Delete(T* value)
    {
        if (value == null) return;
        PoolMagazine* magazine = MagazineTable.Find(_number);
        if (magazine == null || magazine->Count == MagazineBlocks) magazine = MakeRoom();
        PoolMagazine.Blocks(magazine)[magazine->Count++] = value;
    }

    /// <summary>Gives up all memory, that of live blocks too. While nobody uses the pool.</summary>
    public void Dispose()
    {
        PoolCore* core = _core;
        if (core == null) return;
        _core = null;
        PoolMagazines.Remove(_number);
        for (uint i = 0; core->Chunk(i) != null; i++) GlobalAllocator.Deallocate(core->Chunk(i));
        NativeMemory.Free(core);
    }

    // The thread has no magazine yet, or an empty one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    T* TakeSlow()
    {
        ObjectDisposedException.ThrowIf(_core == null, this);
        PoolMagazine* magazine = PoolMagazines.Get(_number);
        // The handler that `Grow` may call may give blocks back to this pool.
        while (magazine->Count == 0)
        {
            magazine->Count = (int)_core->Take(PoolMagazine.Blocks(magazine), (uint)MagazineBlocks / 2);
            if (magazine->Count == 0) Grow();
        }
        return (T*)PoolMagazine.Blocks(magazine)[--magazine->Count];
    }

    // The thread has no magazine yet, or a full one, whose older half goes back.
    [MethodImpl(MethodImplOptions.NoInlining)]
    PoolMagazine* MakeRoom()
    {
        ObjectDisposedException.ThrowIf(_core == null, this);
        PoolMagazine* magazine = PoolMagazines.Get(_number);
        if (magazine->Count < MagazineBlocks) return magazine;
        void** blocks = PoolMagazine.Blocks(magazine);
        int half = MagazineBlocks / 2;
        _core->Return(blocks, (uint)half);
        magazine->Count -= half;
        RawMemory.Copy(blocks + half, blocks, (nuint)(magazine->Count * sizeof(void*)));
        return magazine;
    }

    void Grow()
    {
        lock (_growth)
        {
            if (_core->HasRoom) return;             // another thread has
            nuint bytes = _core->NextChunkBytes, alignment = Math.Max(Native.Alignment<T>(), SizeClasses.Granule);
            void* chunk = GlobalAllocator.AllocateAligned(alignment, bytes);
            if (chunk == null) chunk = OutOfMemory.Retry(alignment, bytes);
            if (_core->AddChunk(chunk)) return;
            GlobalAllocator.Deallocate(chunk);
            throw OutOfMemory.NoMemory(bytes);
        }
    }
}
