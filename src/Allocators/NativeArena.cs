using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// Blocks that all go at once: cut one after the other from chunks of <see cref="GlobalAllocator"/>, at the cost of an addition, and
/// never freed alone. <see cref="Reset"/> takes all of them back, a <see cref="Scope"/> those made since it began.
/// </summary>
/// <remarks>For one thread at a time. What it gives is not cleared, unless a method says so. Without <see cref="Dispose"/> its chunks leak.</remarks>
public sealed unsafe class NativeArena : IDisposable
{
    public const int DefaultChunkBytes = 64 * Units.KiB;

    // At the start of each chunk.
    struct Chunk
    {
        public Chunk* Previous;
        public nuint Bytes;                         // this header included
    }

    readonly nuint _chunkBytes;
    byte* _next, _end;                              // what is left of the newest chunk
    Chunk* _newest;
    Chunk* _spare;                                  // emptied last, kept: a scope in a loop should not allocate each time
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
        byte* block = (byte*)((nuint)_next + alignment - 1 & ~(alignment - 1));
        if (_next == null || block > _end || bytes > (nuint)(_end - block)) return AllocateSlow(bytes, alignment);
        _next = block + bytes;
        return block;
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
        ReturnTo(null, null);
    }

    /// <summary>Begins a scope: disposing it takes back all blocks made since. Scopes may be nested, and end in reverse order.</summary>
    public Scope Begin() => new(this, _newest, _next, ++_openScopes);

    /// <summary>Takes back all blocks and gives up the chunks.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        ReturnTo(null, null);
        GlobalAllocator.Deallocate(_spare);
        _spare = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void* AllocateSlow(nuint bytes, nuint alignment)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        GlobalAllocator.CheckAlignment(alignment);
        nuint most = nuint.MaxValue - alignment - (nuint)sizeof(Chunk);
        if (bytes > most) throw OutOfMemory.NoMemory(bytes);
        nuint needed = bytes + alignment + (nuint)sizeof(Chunk);
        Chunk* chunk = _spare;
        if (chunk != null && chunk->Bytes >= needed)
        {
            _spare = null;
        }
        else
        {
            nuint all = needed > _chunkBytes ? needed : _chunkBytes;
            chunk = (Chunk*)GlobalAllocator.Allocate(all);
            if (chunk == null) chunk = (Chunk*)OutOfMemory.Retry(16, all);
            chunk->Bytes = all;
        }
        chunk->Previous = _newest;
        Enter(chunk, (byte*)(chunk + 1));
        return Allocate(bytes, alignment);
    }

    // Back to a place in a chunk; null: to nothing. Chunks that came after go, but for one.
    void ReturnTo(Chunk* chunk, byte* next)
    {
        while (_newest != chunk)
        {
            Chunk* emptied = _newest;
            _newest = emptied->Previous;
            bool isLarger = _spare == null || _spare->Bytes < emptied->Bytes;
            GlobalAllocator.Deallocate(isLarger ? _spare : emptied);
            if (isLarger) _spare = emptied;
        }
        Enter(chunk, next);
    }

    void Enter(Chunk* chunk, byte* next)
    {
        _newest = chunk;
        _next = next;
        _end = chunk == null ? null : (byte*)chunk + chunk->Bytes;
    }

    /// <summary>A stretch of an arena's life, for <c>using</c>.</summary>
    public ref struct Scope
    {
        readonly NativeArena _arena;
        readonly Chunk* _chunk;
        readonly byte* _next;
        int _depth;                                 // 0: has ended

        internal Scope(NativeArena arena, void* chunk, byte* next, int depth)
        {
            _arena = arena;
            _chunk = (Chunk*)chunk;
            _next = next;
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
            _arena.ReturnTo(_chunk, _next);
        }
    }
}
