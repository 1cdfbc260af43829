using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// Blocks that all go at once: cut one after the other from chunks of <see cref="GlobalAllocator"/>, at the cost of an addition, and
/// never freed alone. <see cref="Reset"/> takes all of them back, a <see cref="Scope"/> those made since it began.
/// </summary>
/// <remarks>For one thread at a time. What it gives is not cleared, unless a method says so. Without <see cref="Dispose"/> its chunks leak. An arena for a whole process is <see cref="ArenaAllocator"/>.</remarks>
public sealed unsafe class NativeArena : IDisposable
{
    public const int DefaultChunkBytes = 64 * Units.KiB;

    readonly nuint _chunkBytes;
    ArenaCore _core;
    int _openScopes;
    bool _isDisposed;

    /// <param name="chunkBytes">Bytes of a chunk; a block that does not fit gets a chunk of its own.</param>
    public NativeArena(int chunkBytes = DefaultChunkBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkBytes, 256);
        _chunkBytes = (nuint)chunkBytes;
    }

    /// <summary>A block of <paramref name="bytes"/> at a multiple of <paramref name="alignment"/>, a power of two. Never null; of 0 bytes, one that is as good as any.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, see <see cref="OutOfMemory"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes, nuint alignment = 16)
    {
        void* block = _core.TryAllocate(bytes, alignment);
        return block != null ? block : AllocateSlow(bytes, alignment);
    }

    /// <summary>A value, a copy of <paramref name="value"/>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    public T* New<T>(in T value = default) where T : unmanaged
    {
        T* place = (T*)Allocate((nuint)sizeof(T), Native.Alignment<T>());
        *place = value;
        return place;
    }

    /// <summary>An array, all zero.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    public Span<T> NewArray<T>(int count) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Span<T> array = new(Allocate((nuint)count * (nuint)sizeof(T), Native.Alignment<T>()), count);
        array.Clear();
        return array;
    }

    /// <summary>Takes back all blocks. One chunk stays for the next ones.</summary>
    /// <exception cref="InvalidOperationException">A scope is open.</exception>
    public void Reset()
    {
        if (_openScopes != 0) throw new InvalidOperationException("A scope of this arena is open.");
        ReturnTo(default);
    }

    /// <summary>Begins a scope: disposing it takes back all blocks made since. Scopes may be nested, and end in reverse order.</summary>
    public Scope Begin() => new(this, _core.Now, ++_openScopes);

    /// <summary>Takes back all blocks and gives up the chunks.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        ReturnTo(default);
        GlobalAllocator.Deallocate(_core.TakeSpare());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void* AllocateSlow(nuint bytes, nuint alignment)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        GlobalAllocator.CheckAlignment(alignment);
        nuint needed = ArenaCore.ChunkBytes(bytes, alignment);
        if (needed == 0) throw OutOfMemory.NoMemory(bytes);
        if (!_core.TryEnterSpare(needed))
        {
            nuint all = Math.Max(needed, _chunkBytes);
            void* chunk = GlobalAllocator.Allocate(all);
            _core.Enter(chunk != null ? chunk : OutOfMemory.Retry(16, all), all);
        }
        return _core.TryAllocate(bytes, alignment);
    }

    void ReturnTo(in ArenaCore.Mark mark)
    {
        while (_core.StepBack(mark) is var chunk && chunk != null) GlobalAllocator.Deallocate(chunk);
    }

    /// <summary>A stretch of an arena's life, for <c>using</c>.</summary>
    public ref struct Scope
    {
        readonly NativeArena _arena;
        readonly ArenaCore.Mark _mark;
        int _depth;                                 // 0: has ended

        internal Scope(NativeArena arena, ArenaCore.Mark mark, int depth)
        {
            _arena = arena;
            _mark = mark;
            _depth = depth;
        }

        /// <summary>Takes back all blocks made since the scope began. Again, it does nothing.</summary>
        /// <exception cref="InvalidOperationException">A scope that began later is open.</exception>
        public void Dispose()
        {
            if (_depth == 0 || _arena._isDisposed) return;
            if (_arena._openScopes != _depth) throw new InvalidOperationException("A scope that began later is open.");
            _arena._openScopes--;
            _depth = 0;
            _arena.ReturnTo(_mark);
        }
    }
}
