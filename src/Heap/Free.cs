using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Step 5 of the tour in `Heap`: from a block back to its page.
public static unsafe partial class Heap
{
    // A page that is the only one of its class is kept when it falls empty, if no more than this of it has been
    // touched: a program that allocates and frees one block in turn should not visit the arena each time.
    const int KeepMaxBytes = 8 * Units.KiB;

    const uint NegativeBit = 0x80000000;

    /// <summary>Frees a block of this heap; null does nothing. <paramref name="cache"/> is the calling thread's, possibly the empty one. Leaves errno alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static void Free(void* address, ThreadCache* cache)
    {
        if (address != null) FreeBlock(address, cache);
    }

    /// <summary>As <see cref="Free"/>, but not null.</summary>
    /// <remarks>
    /// One branch for all that is not the rule, here and in `FreeToPage`: the compiler makes no frame for a method of three basic
    /// blocks. That, and a jump, were 12 % of the time of malloc and free in turn.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    public static void FreeBlock(void* address, ThreadCache* cache)
    {
        uint offset = *Region.Tag(address) - Region.SmallTag;
        Bin* bin = BinFor(address, cache, offset);
        uint limit = Volatile.Read(ref bin->Limit);
        ulong counts = bin->Counts;             // read and written whole, as malloc does: a store of a part would hold up its load
        if ((uint)counts >= limit)
        {
            FreeToPage(address, cache, bin);
            return;
        }
        // In this order: a fork between the lines loses the block in the child.
        ((Block*)address)->Next = bin->Free;
        bin->Free = (Block*)address;
        bin->Counts = counts + 1;
    }

    /// <summary>The bin at an offset in a cache; the closed one where there is none at it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Bin* BinAt(ThreadCache* cache, uint offset) =>
        (Bin*)((byte*)cache + (offset < ThreadCache.BinsBytes ? offset : ThreadCache.ClosedBinOffset));

    /// <summary>The bin takes no more, or there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void PushToPage(void* address, ThreadCache* cache, Bin* bin)
    {
        Segment* segment = Segment.Of(address);
        Page* page = Segment.PageAt(segment, Segment.SliceOf(segment, address));
        ulong unusual = (ulong)page->Owner ^ (ulong)cache | bin->Limit;
        Page* own = unusual == 0 ? page : ThreadCache.NoPage(cache);        // another owner's line is not read
        uint left = own->Live;
        if (left <= 1)
        {
            FreeToOutbox(address, cache, bin);
            return;
        }
        // In this order: a fork between the lines loses the block in the child until its page is empty, no more.
        own->Live = left - 1;
        ((Block*)address)->Next = own->Free;
        own->Free = (Block*)address;
    }

    /// <summary>The page is another thread's, perhaps the one for which an outbox gathers blocks; or else, see `FreeUnusual`.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void GatherInOutbox(void* address, ThreadCache* cache, Bin* bin)
    {
        uint room = Volatile.Read(ref *ThreadCache.OutboxLimit(cache)) - 1;
        Outbox* box = ThreadCache.Outbox(cache, bin);
        ulong unusual = (ulong)box->Page ^ (ulong)Segment.PageHolding(address);
        uint count = box->Count;
        unusual |= room - count & NegativeBit;          // none left, or hidden
        if (unusual != 0)
        {
            FreeUnusual(address, cache, bin);
            return;
        }
        // In this order: a fork between the lines loses the block in the child.
        ((Block*)address)->Next = box->Newest;
        box->Newest = (Block*)address;
        box->Count = count + 1;
    }

    /// <summary>The bin is full, or the page is another thread's, begins in an earlier slice, or falls empty.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void FreeUnusual(void* address, ThreadCache* cache, Bin* bin)
    {
        Page* page = Segment.PageOf(address);
        if (bin->Limit != 0) Bins.Overflowed(cache, (int)(bin - (Bin*)cache));
        if (page->Owner != cache)
        {
            FreeRemote(address, page, cache, ThreadCache.Outbox(cache, bin));
            return;
        }
        FreeOwn(address, page);
    }

    // The page is this thread's.
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void FreeOwn(void* address, Page* page)
    {
        if (--page->Live == 0)
        {
            FreeSlow(address, page);
            return;
        }
        ((Block*)address)->Next = page->Free;
        page->Free = (Block*)address;
    }

    /// <summary>Frees a chain of blocks of one page. Under the lock of <paramref name="cache"/>, whose owner's they were.</summary>
    internal static void FreeChain(HeapRoot* root, ThreadCache* cache, Page* page, Block* first, Block* last, uint count)
    {
        if (page->Owner != cache)
        {
            PushRemote(page, first, last, count);
            return;
        }
        FreeOwnChain(root, page, first, last, count);
    }

    /// <summary>Frees a chain of blocks of one page. Under the lock of the page's owner.</summary>
    internal static void FreeOwnChain(HeapRoot* root, Page* page, Block* first, Block* last, uint count)
    {
        if (page->State == PageState.Full && page->Live <= count) Reopen(page);
        last->Next = page->Free;
        page->Free = first;
        page->Live -= count;
        if (page->Live == 0) ReleaseIfNotNeeded(root, page);
    }

    /// <summary>The page was full, or is empty now. By its owner.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void FreeSlow(void* address, Page* page)
    {
        HeapRoot* root = Root;
        ThreadCache* cache = page->Cache;
        cache->Lock.Enter();
        if (page->State == PageState.Full) Reopen(page);
        ((Block*)address)->Next = page->Free;
        page->Free = (Block*)address;
        if (page->Live == 0) ReleaseIfNotNeeded(root, page);
        cache->Lock.Exit();
        Purger.Nudge(root);
    }

    /// <summary>The block's page is not this thread's; the outbox has no blocks of it, or enough.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void FreeRemote(void* address, Page* page, ThreadCache* cache, Outbox* box)
    {
        if (page->Kind != PageKind.Small)
        {
            LargeAllocation.Free(page, address);
            return;
        }
        if (page->IsSampled != 0)
        {
            Sampling.FreeSmall(page, address);
            return;
        }
        if (page->Capacity < Outbox.MaxCount || Volatile.Read(ref *ThreadCache.OutboxLimit(cache)) == 0)
        {
            // A thread that only frees has no cache; one that frees so much gets one, for its outbox.
            if (PushRemote(page, (Block*)address, (Block*)address, 1) && cache->State == CacheState.Empty) ThreadCaches.Attach(Root);
            return;
        }
        Page* before = Outbox.Take(box, out Block* first, out Block* last, out uint count);
        Outbox.Begin(box, page, (Block*)address);
        if (before != null) PushRemote(before, first, last, count);
    }

    /// <summary>Frees a chain of blocks of one page, no sampled ones, as any other thread than its owner. True if the owner was told.</summary>
    internal static bool PushRemote(Page* page, Block* first, Block* last, uint count)
    {
        if (!RemoteList.Push(page, first, last, count)) return false;
        ThreadCache.Tell(page);
        Purger.Nudge(Root);
        return true;
    }

    /// <summary>A full page gets blocks back: it joins its queue again. Under the owner's lock.</summary>
    public static void Reopen(Page* page)
    {
        page->Live = page->LiveCount;
        PageQueue.Append(page->Cache, page);
    }

    /// <summary>Sends an empty, queued page back, unless it is the only one of its class and little of it has been touched. Under the owner's lock.</summary>
    public static void ReleaseIfNotNeeded(HeapRoot* root, Page* page)
    {
        bool alone = page->Previous == null && page->Next == null;
        if (!alone || page->CarvedBytes > KeepMaxBytes) Release(root, page);
    }

    /// <summary>Sends an empty, queued page back. One that somebody is about to tell its owner of stays until then. Under the owner's lock.</summary>
    public static bool Release(HeapRoot* root, Page* page)
    {
        if (RemoteList.IsNotified(page)) return false;
        PageQueue.Remove(page->Cache, page);
        PageFill.Destroy(root, page, toStock: true);
        return true;
    }
}
