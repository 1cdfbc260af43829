using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>Blocks of one page of another thread's that this thread has freed lately, before they go there together. To the page, they are live.</summary>
/// <remarks>
/// What one thread allocates in a row and another frees in a row lies side by side: one exchange of the page's shared word
/// serves many blocks. The owner works on it without a lock, as on its bins, and `BinSeizure` comes by it the same way.
/// That frees across threads travel in batches is snmalloc's idea; one batch, of one page, is enough here.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public unsafe struct Outbox
{
    public const int Bytes = 32;

    // As many blocks gather at most; pages that hold fewer hear of each at once.
    public const uint MaxCount = 32;

    // A thread's outboxes: sizes that are freed in turn have one each. A power of two.
    public const int PerThread = 16;

    [FieldOffset(0)] public Block* Newest;          // linked by each block's first word; null where there are none
    [FieldOffset(8)] public Block* Oldest;
    [FieldOffset(16)] public Page* Page;            // whose they are; null where there are none
    [FieldOffset(24)] public uint Count;

    /// <summary>Puts the first block into an empty outbox.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(Outbox* box, Page* page, Block* block)
    {
        block->Next = null;
        box->Oldest = block;
        box->Page = page;
        box->Count = 1;
        Volatile.Write(ref *(nint*)&box->Newest, (nint)block);       // last: a fork from here on has the rest right
    }

    /// <summary>Takes all blocks out and returns their page; null where there are none. By the owner, or under its lock in its absence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Page* Take(Outbox* box, out Block* first, out Block* last, out uint count)
    {
        Page* page = box->Page;
        first = box->Newest;
        last = box->Oldest;
        count = box->Count;
        Volatile.Write(ref *(nint*)&box->Newest, 0);        // first: a fork from here on loses them in the child, no more
        box->Count = 0;
        box->Page = null;
        return page;
    }

    /// <summary>Sends what has gathered to its page. By the owner, or under its lock in its absence.</summary>
    public static void Flush(ThreadCache* cache, int index)
    {
        Page* page = Take(ThreadCache.Outbox(cache, index), out Block* first, out Block* last, out uint count);
        if (page != null) Heap.PushRemote(page, first, last, count);
    }

    public static void FlushAll(ThreadCache* cache)
    {
        for (int index = 0; index < PerThread; index++) Flush(cache, index);
    }

    /// <summary>Counts the blocks anew: a fork may have copied a thread between two lines.</summary>
    public static void RecountAll(ThreadCache* cache)
    {
        for (int index = 0; index < PerThread; index++)
        {
            Outbox* box = ThreadCache.Outbox(cache, index);
            if (box->Newest == null) box->Page = null;
            box->Count = 0;
            for (Block* block = box->Newest; block != null; block = block->Next) box->Count++;
        }
    }
}
