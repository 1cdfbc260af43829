using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// Blocks cut one after the other from chunks, and taken back from the newest on: what `NativeArena` and `ArenaAllocator` have in common.
/// For one thread at a time. It owns no memory: who holds it hands it chunks, and frees those that it gives back.
/// </summary>
unsafe struct ArenaCore
{
    // At the start of each chunk.
    struct Chunk
    {
        public Chunk* Previous;
        public nuint Bytes;                         // this header included
    }

    /// <summary>A place to return to. The default is the beginning.</summary>
    public readonly struct Mark(void* chunk, byte* next)
    {
        public readonly void* Chunk = chunk;
        public readonly byte* Next = next;
    }

    byte* _next, _end;                              // what is left of the newest chunk
    Chunk* _newest;
    Chunk* _spare;                                  // emptied last, kept: a scope in a loop should not allocate each time

    public readonly Mark Now => new(_newest, _next);

    /// <summary>A block at a multiple of <paramref name="alignment"/>, a power of two; null when a chunk is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* TryAllocate(nuint bytes, nuint alignment)
    {
        byte* block = (byte*)((nuint)_next + alignment - 1 & ~(alignment - 1));
        if (_next == null || block > _end || bytes > (nuint)(_end - block)) return null;
        _next = block + bytes;
        return block;
    }

    /// <summary>Bytes of a chunk that certainly holds such a block; 0 when there are no such many.</summary>
    public static nuint ChunkBytes(nuint bytes, nuint alignment)
    {
        nuint room = alignment + (nuint)sizeof(Chunk);
        return room < alignment || bytes > nuint.MaxValue - room ? 0 : bytes + room;
    }

    /// <summary>Goes on in the chunk kept from before, if there is one of at least so many bytes.</summary>
    public bool TryEnterSpare(nuint bytes)
    {
        Chunk* spare = _spare;
        if (spare == null || spare->Bytes < bytes) return false;
        _spare = null;
        Enter(spare, spare->Bytes);
        return true;
    }

    /// <summary>Goes on in a new chunk, at a multiple of 16.</summary>
    public void Enter(void* memory, nuint bytes)
    {
        Chunk* chunk = (Chunk*)memory;
        chunk->Previous = _newest;
        chunk->Bytes = bytes;
        Enter(chunk, (byte*)(chunk + 1));
    }

    /// <summary>
    /// A step back to <paramref name="mark"/>: a chunk that is to be freed; null when all is done. The largest chunk that
    /// was emptied stays, as the spare one.
    /// </summary>
    public void* StepBack(in Mark mark)
    {
        while (_newest != mark.Chunk)
        {
            Chunk* emptied = _newest, spare = _spare;
            _newest = emptied->Previous;
            bool isLarger = spare == null || spare->Bytes < emptied->Bytes;
            if (isLarger) _spare = emptied;
            if ((isLarger ? spare : emptied) is var given && given != null) return given;
        }
        Enter(_newest, mark.Next);
        return null;
    }

    /// <summary>Gives the spare chunk back, to be freed; null when there is none.</summary>
    public void* TakeSpare()
    {
        Chunk* spare = _spare;
        _spare = null;
        return spare;
    }

    void Enter(Chunk* chunk, byte* next)
    {
        _newest = chunk;
        _next = next;
        _end = chunk == null ? null : (byte*)chunk + chunk->Bytes;
    }
}
