using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Moves blocks between bins and pages. All under the cache's lock, by its owner or in the owner's absence.
public static unsafe class Bins
{
    // What a bin takes that was not filled with more: few enough that idle bins do not matter.
    const uint MaxBytes = 16 * Units.KiB;
    const uint MaxCount = 64;

    // What a bin may take beyond that where it spares it ways to the pages: block by block as they come and go, or at once for a bulk.
    const uint MaxExtraCount = 20;
    const uint MaxBulkCount = 512, MaxBulkBytes = 128 * Units.KiB;

    // The bins of all threads together, and of each.
    const uint MostExtraBytes = 32 * Units.MiB, MostExtraBytesOfThread = 16 * Units.MiB, LeastExtraBytesOfThread = 512 * Units.KiB;

    /// <summary>Pages that a thread makes between two looks at a bin, see <see cref="Age"/>.</summary>
    public const int AgeRound = 96;
    const uint EachBinHasItsTurn = SizeClasses.Count <= AgeRound && AgeRound <= byte.MaxValue ? 0 : -1;

    // As many frees in a row, none of which the bin could take, are a bulk.
    const uint BulkCount = 32;

    /// <summary>The bin of a size class.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin* At(ThreadCache* cache, int sizeClass) => (Bin*)cache + sizeClass;

    /// <summary>Makes all bins of a new cache, empty.</summary>
    public static void Open(ThreadCache* cache)
    {
        uint* limits = stackalloc uint[SizeClasses.Count];
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            At(cache, sizeClass)->BlockBytes = SizeClasses.BlockBytes(sizeClass);
            limits[sizeClass] = LeastLimit(At(cache, sizeClass)->BlockBytes);
        }
        *ThreadCache.Direct(cache, ThreadCache.DirectCount) = Heap.EmptyBin;
        Show(cache, limits);
    }

    /// <summary>Hides the bins and the outboxes from their owner: it finds them empty, and full. Puts down their limits for <see cref="Show"/>.</summary>
    public static void Hide(ThreadCache* cache, uint* limits)
    {
        for (nuint index = 0; index < ThreadCache.DirectCount; index++) *ThreadCache.Direct(cache, index) = Heap.EmptyBin;
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            limits[sizeClass] = At(cache, sizeClass)->Limit;
            At(cache, sizeClass)->Limit = 0;
        }
        *ThreadCache.OutboxLimit(cache) = 0;
    }

    /// <summary>Undoes <see cref="Hide"/>.</summary>
    public static void Show(ThreadCache* cache, uint* limits)
    {
        // What was done to the bins comes before: an owner that wakes up now and finds a bin finds it as it is.
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) Volatile.Write(ref At(cache, sizeClass)->Limit, limits[sizeClass]);
        for (nuint index = 0; index < ThreadCache.DirectCount; index++)
            Volatile.Write(ref *(nint*)ThreadCache.Direct(cache, index), (nint)At(cache, SizeClasses.Of((index + 1) * SizeClasses.Granule)));
        Volatile.Write(ref *ThreadCache.OutboxLimit(cache), Outbox.MaxCount);
    }

    /// <summary>Moves a page's whole list to the empty bin of its class, and opens that if it was closed.</summary>
    public static void Fill(ThreadCache* cache, Bin* bin, Page* page)
    {
        // All that is carved and not live is on the list, or absorbed, or lost in a fork.
        uint count = page->Purged.IsEmpty && Heap.Root->ForkedInMotion == 0 ? page->Carved - page->Live : Length(page->Free);
        uint limit = LeastLimit(page->BlockBytes) + ThreadCache.Traffic(cache, page->Class)->Extra;
        page->Live += count;
        bin->Count = count;
        bin->Free = page->Free;
        page->Free = null;
        Volatile.Write(ref bin->Limit, count > limit ? count : limit);
    }

    /// <summary>Takes all blocks out of a bin. Null where it is empty.</summary>
    public static Block* Take(ThreadCache* cache, int sizeClass)
    {
        Bin* bin = At(cache, sizeClass);
        Block* blocks = bin->Free;
        bin->Free = null;
        bin->Count = 0;
        return blocks;
    }

    /// <summary>Gives all blocks of a bin back to their pages.</summary>
    public static void Flush(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        Block* rest = Take(cache, sizeClass);
        while (rest != null)
        {
            Page* page = TakeChain(ref rest, out Block* first, out Block* last, out uint count);
            Heap.FreeChain(root, cache, page, first, last, count);
        }
    }

    /// <summary>Takes the first blocks off a list, as many as are of one page, which it returns.</summary>
    public static Page* TakeChain(ref Block* rest, out Block* first, out Block* last, out uint count)
    {
        Page* page = Segment.PageHolding(rest);
        nuint bytes = (nuint)page->SliceCount * Segment.SliceBytes;
        first = last = rest;
        count = 1;
        for (rest = rest->Next; rest != null && (nuint)((byte*)rest - page->Start) < bytes; rest = rest->Next)
        {
            last = rest;
            count++;
        }
        return page;
    }

    /// <summary>Leaves the bins of a thread that ends: none takes more than the least, and those that did are empty.</summary>
    public static void NarrowAll(HeapRoot* root, ThreadCache* cache)
    {
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
            if (traffic->Extra != 0) Narrow(root, cache, sizeClass);
            traffic->Overflows = 0;                 // the next thread's use is another one
        }
    }

    /// <summary>Gives all blocks of all bins, and of the outboxes, back to their pages.</summary>
    public static void FlushAll(HeapRoot* root, ThreadCache* cache)
    {
        Outbox.FlushAll(cache);
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) Flush(root, cache, sizeClass);
    }

    /// <summary>Looks at one bin, the next one at each call, and flushes it if its owner has not used it since the last look.</summary>
    public static void Age(HeapRoot* root, ThreadCache* cache)
    {
        int sizeClass = cache->AgedClass == 0 ? AgeRound - 1 : cache->AgedClass - 1;
        cache->AgedClass = (byte)sizeClass;
        Outbox.Flush(cache, sizeClass % Outbox.PerThread);
        if (sizeClass >= SizeClasses.Count) return;
        Bin* bin = At(cache, sizeClass);
        uint mark = (uint)((ulong)bin->Free >> 4) + (uint)bin->Countdown;
        BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
        if (traffic->AgeMark == mark && (bin->Free != null || traffic->Extra != 0)) Narrow(root, cache, sizeClass);
        traffic->AgeMark = mark;
    }

    /// <summary>
    /// A free found the bin full. When many have done so in a row, the program frees in bulk: the bin closes, so that its
    /// blocks keep no pages, until the next allocation.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Overflowed(ThreadCache* cache, int sizeClass)
    {
        BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
        uint countdown = (uint)At(cache, sizeClass)->Countdown;
        if (traffic->OverflowMark != countdown)
        {
            traffic->OverflowMark = countdown;
            traffic->Overflows = 1;
        }
        else if (++traffic->Overflows > BulkCount) Close(cache, sizeClass);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Close(ThreadCache* cache, int sizeClass)
    {
        HeapRoot* root = Heap.Root;
        cache->Lock.Enter();
        Flush(root, cache, sizeClass);
        At(cache, sizeClass)->Limit = 0;
        BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
        traffic->Overflows = 0;
        // What went out since the last bulk: if that is not much, the next bulk shall fit in, beside what is left of a page's list.
        uint allocated = (uint)ThreadCache.Allocated(cache, sizeClass), count = allocated - traffic->BulkMark;
        traffic->BulkMark = allocated;
        uint blockBytes = SizeClasses.BlockBytes(sizeClass), limit = LeastLimit(blockBytes) + traffic->Extra;
        uint wanted = count + MaxBytes / blockBytes;
        if (wanted > limit && count <= MaxBulkCount && count * blockBytes <= MaxBulkBytes) Widen(root, cache, sizeClass, wanted - limit);
        cache->Lock.Exit();
    }

    /// <summary>A bin has run out. If it was full a while ago, it takes one block more from now on: so many come and go.</summary>
    public static void Widen(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
        if (traffic->Overflows == 0) return;
        traffic->Overflows = 0;
        uint blockBytes = SizeClasses.BlockBytes(sizeClass);
        if (LeastLimit(blockBytes) + traffic->Extra < MaxCount && traffic->Extra < MaxExtraCount) Widen(root, cache, sizeClass, 1);
    }

    static void Widen(HeapRoot* root, ThreadCache* cache, int sizeClass, uint count)
    {
        uint bytes = count * SizeClasses.BlockBytes(sizeClass);
        if (cache->ExtraBytes + bytes > MostExtraOf(root)) return;
        ThreadCache.Traffic(cache, sizeClass)->Extra += (ushort)count;
        cache->ExtraBytes += bytes;
    }

    static uint MostExtraOf(HeapRoot* root)
    {
        uint threads = (uint)Volatile.Read(ref root->ThreadCount);
        uint share = threads == 0 ? MostExtraBytes : MostExtraBytes / threads;
        return share > MostExtraBytesOfThread ? MostExtraBytesOfThread : share < LeastExtraBytesOfThread ? LeastExtraBytesOfThread : share;
    }

    // Empties a bin and undoes `Widen`.
    static void Narrow(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        Flush(root, cache, sizeClass);
        BinTraffic* traffic = ThreadCache.Traffic(cache, sizeClass);
        uint blockBytes = SizeClasses.BlockBytes(sizeClass);
        cache->ExtraBytes -= traffic->Extra * blockBytes;
        traffic->Extra = traffic->Overflows = 0;
        if (At(cache, sizeClass)->Limit != 0) At(cache, sizeClass)->Limit = LeastLimit(blockBytes);
    }

    /// <summary>Counts the blocks in all bins anew: a fork may have copied a thread between two lines.</summary>
    public static void Recount(ThreadCache* cache)
    {
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            Bin* bin = At(cache, sizeClass);
            uint count = Length(bin->Free);
            if (bin->Count != count) bin->Count = count;
            if (bin->Limit < count) bin->Limit = count;
        }
    }

    // Blocks of a size that a bin takes at least.
    static uint LeastLimit(uint blockBytes)
    {
        uint count = MaxBytes / blockBytes;
        return count > MaxCount ? MaxCount : count == 0 ? 1 : count;
    }

    static uint Length(Block* block)
    {
        uint length = 0;
        for (; block != null; block = block->Next) length++;
        return length;
    }
}
