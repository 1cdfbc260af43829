using System;
using System.Numerics;

namespace Lampyris;

// Walks the whole heap and checks every stated invariant. For tests and for a debugger: call it while no other
// thread allocates or frees. Costs time in proportion to the heap, and no memory of the heap's.
public static unsafe class HeapCheck
{
    const int MaxBlocks = Segment.SliceBytes / SizeClasses.Granule;

    /// <summary>0 when the heap is whole; otherwise 1, after one line on standard error that says what is wrong where.</summary>
    public static int Verify()
    {
        HeapRoot* root = Heap.Root;
        if (root == null) return 0;
        Purger.EnterPurge(root);
        bool whole = VerifyArenas(root) && VerifyCaches(root);
        Purger.ExitPurge(root);
        return whole ? 0 : 1;
    }

    static bool VerifyArenas(HeapRoot* root)
    {
        for (int i = 0; i < root->ArenaCount; i++)
        {
            Arena* arena = *HeapRoot.ArenaAt(root, i);
            if (!Holds(((nuint)arena->Segments & (Region.Bytes - 1)) == 0, "arena is not aligned to a region"u8, arena)) return false;
            for (int index = 0; index < arena->SegmentCount;)
            {
                int segments = VerifySegment(arena, index);
                if (segments == 0) return false;
                index += segments;
            }
        }
        return true;
    }

    // How many segments that covered: more than one where a block runs through several; 0 for a broken one.
    static int VerifySegment(Arena* arena, int index)
    {
        SegmentState* state = Arena.State(arena, index);
        Segment* segment = Arena.SegmentAt(arena, index);
        ulong stocked = SliceStock.AllOf(Heap.Root, segment);
        if (!Holds((stocked & ~state->Used) == 0, "stocked slice is not in use"u8, segment)) return 0;
        ulong used = state->Used & ~stocked;
        if ((Segment*)Region.Of(segment) == segment)
        {
            if (!Holds((used & Region.HeaderSlices) == (Region.HeaderSlices & Segment.AllSlices), "a run took slices of a region's header"u8, segment)) return 0;
            used &= ~Region.HeaderSlices;
        }
        if (!Holds((used & Segment.AllSlices & ~arena->ValidSlices) == 0 || used == ulong.MaxValue, "slice in use that is not mapped"u8, segment)) return 0;
        if (!Holds((used & ~state->Dirty & Segment.AllSlices) == 0 || used == ulong.MaxValue, "slice in use that is not marked dirty"u8, segment)) return 0;
        if ((uint)arena->Hint > (uint)index && !Holds(Arena.FreeSlices(arena, index) == 0, "free slice below the arena's hint"u8, segment)) return 0;
        if ((used & Segment.AllSlices) == 0) return 1;
        if (!Holds(Region.Of(segment)->Arena == arena, "region does not know its arena"u8, segment)) return 0;
        for (int slice = 1; slice < Segment.SliceCount;)
        {
            if ((used >> slice & 1) == 0)           // or stocked
            {
                if (!Holds(Segment.PageAt(segment, (nuint)slice)->Owner == null && *Region.Tag(segment, (nuint)slice) == 0, "free slice has an owner or a tag"u8, segment)) return 0;
                slice++;
                continue;
            }
            Page* page = Segment.PageAt(segment, (nuint)slice);
            if (!Holds(Segment.BeginsPage(segment, (nuint)slice), "slice in use does not begin a page"u8, page)) return 0;
            if (!Holds(page->Start == Segment.SliceAddress(segment, (nuint)slice), "page does not know where it begins"u8, page)) return 0;
            if (page->Kind == PageKind.Large)
            {
                int count = (int)(page->MappedBytes / Segment.SliceBytes);
                if (!Holds(page->LargeBytes != 0 && page->LargeBytes <= page->MappedBytes, "large block is longer than its slices"u8, page)) return 0;
                if (!Holds(page->LargeBytes <= page->UsedBytes && page->UsedBytes <= page->MappedBytes, "large block's room begins before its end"u8, page)) return 0;
                if (!Holds(page->UsedBytes == page->MappedBytes || slice + count > Segment.SliceCount, "large block has room, but only one segment"u8, page)) return 0;
                if (!Holds(Segment.PageAt(segment, (nuint)slice)->Owner == null && *Region.Tag(segment, (nuint)slice) == 0, "large block has an owner or a tag"u8, page)) return 0;
                if (slice + count > Segment.SliceCount) return (slice + count + Segment.SliceCount - 1) / Segment.SliceCount;
                slice += count;
                continue;
            }
            if (!Holds(page->Kind == PageKind.Small && page->SliceCount != 0, "slice in use holds no page"u8, page)) return 0;
            // What a fork left in the middle of a change is never touched again.
            if (page->Cache != null && page->Cache->State == CacheState.Lost)
            {
                slice += page->SliceCount;
                continue;
            }
            if (!VerifyPage(page)) return 0;
            for (int i = 0; i < page->SliceCount; i++)
                if (!Holds(*Region.Tag(segment, (nuint)(slice + i)) == PageFill.TagOf(page), "slice of a page has a wrong tag"u8, page)) return 0;
            for (int i = 1; i < page->SliceCount; i++)
            {
                Page* inner = Segment.PageAt(segment, (nuint)(slice + i));
                if (!Holds(inner->SliceMark == page->SliceMark && inner->Owner == null,
                    "inner slice of a page is not marked as such"u8, page)) return 0;
            }
            slice += page->SliceCount;
        }
        return 1;
    }

    static bool VerifyPage(Page* page)
    {
        if (!Holds(page->Class < SizeClasses.Count && page->BlockBytes == SizeClasses.BlockBytes(page->Class), "page has a wrong block size"u8, page)) return false;
        if (!Holds(page->Capacity == (uint)page->SliceCount * Segment.SliceBytes / page->BlockBytes, "page has a wrong capacity"u8, page)) return false;
        if (!Holds(page->Carved <= page->Capacity, "page carved beyond its end"u8, page)) return false;
        if (!Holds(page->Cache != null && page->Owner == page->Cache, "page is out of its owner's sight"u8, page)) return false;

        ulong* seen = stackalloc ulong[MaxBlocks / 64];
        for (int word = 0; word < MaxBlocks / 64; word++) seen[word] = 0;
        if (!CountList(page, page->Free, seen, out uint free)) return false;
        ulong remote = page->Remote;
        if (!CountList(page, RemoteList.Newest(remote), seen, out uint remoteCount)) return false;
        if (!Holds(remoteCount == RemoteList.Count(remote), "remote list is not as long as it says"u8, page)) return false;
        uint absorbed = 0;
        for (uint index = 0; index < page->Carved; index++)
        {
            if (!OsPagePurge.IsAbsorbed(page, index)) continue;
            absorbed++;
            if (!Holds((seen[index / 64] >> (int)(index % 64) & 1) == 0, "block on a purged OS page is on a list"u8, page)) return false;
        }
        bool full = page->State == PageState.Full;
        if (full && !Holds(absorbed == 0 && page->Live != 0 && page->Live <= page->ReopenCount && page->Carved == page->Capacity, "full page has too many free blocks"u8, page)) return false;
        if (full && !Holds((remote & RemoteList.Waiting) == 0, "full page is marked as waiting in a queue"u8, page)) return false;
        return Holds(remoteCount <= page->LiveCount && free + page->LiveCount + absorbed + (uint)(page->Capacity - page->Carved) == page->Capacity,
            "page's counts do not add up"u8, page);
    }

    // Every block of a list lies in the page, at a block's start, and is listed once.
    static bool CountList(Page* page, Block* block, ulong* seen, out uint count)
    {
        for (count = 0; block != null; block = block->Next, count++)
        {
            nuint offset = (nuint)((byte*)block - page->Start);
            if (!Holds((byte*)block >= page->Start && offset < page->CarvedBytes && offset % page->BlockBytes == 0, "free list leads out of its page: a block was written to after it was freed"u8, page)) return false;
            uint index = (uint)(offset / page->BlockBytes);
            if (!Holds((seen[index / 64] >> (int)(index % 64) & 1) == 0, "block is free twice"u8, block)) return false;
            seen[index / 64] |= 1UL << (int)(index % 64);
        }
        return true;
    }

    static bool VerifyCaches(HeapRoot* root)
    {
        int live = 0, abandoned = 0, listed = 0;
        for (ThreadCache* cache = (ThreadCache*)root->Caches; cache != null; cache = cache->NextCache)
        {
            if (cache->State == CacheState.Live) live++;
            if (cache->State == CacheState.Abandoned) abandoned++;
            if (cache->State == CacheState.Lost) continue;
            for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
                if (!VerifyQueue(cache, sizeClass)) return false;
            if (!VerifyExtra(cache)) return false;
            for (int index = 0; index < Outbox.PerThread; index++)
                if (!VerifyOutbox(cache, ThreadCache.Outbox(cache, index))) return false;
            for (Page* page = (Page*)cache->Ready; page != null; page = page->NextReady)
                if (!Holds(RemoteList.IsNotified(page), "page waits to be taken up but is not marked so"u8, page)) return false;
        }
        for (ThreadCache* cache = root->AbandonedFirst; cache != null; cache = cache->NextAbandoned)
        {
            listed++;
            if (!Holds(cache->State == CacheState.Abandoned, "cache of a living thread is on the abandoned list"u8, cache)) return false;
        }
        return Holds(listed == root->AbandonedCount && abandoned == listed, "abandoned list has a wrong count"u8, root)
            && Holds(live == root->ThreadCount, "count of threads is wrong"u8, root);
    }

    static bool VerifyQueue(ThreadCache* cache, int sizeClass)
    {
        Page* first = *ThreadCache.First(cache, sizeClass);
        Page* previous = null;
        for (Page* page = first; page != null; previous = page, page = page->Next)
        {
            if (!Holds(page->Kind == PageKind.Small && page->Class == sizeClass && page->Cache == cache && page->State == PageState.Queued,
                "page is in a queue that is not its own"u8, page)) return false;
            if (!Holds(page->Previous == previous, "queue's links disagree"u8, page)) return false;
        }
        if (!Holds(*ThreadCache.Last(cache, sizeClass) == previous, "queue's end is wrong"u8, cache)) return false;
        return VerifyBin(cache, sizeClass);
    }

    static bool VerifyExtra(ThreadCache* cache)
    {
        uint bytes = 0;
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) bytes += ThreadCache.Traffic(cache, sizeClass)->Extra * SizeClasses.BlockBytes(sizeClass);
        return Holds(bytes == cache->ExtraBytes, "bins take more in all than is counted"u8, cache);
    }

    static bool VerifyOutbox(ThreadCache* cache, Outbox* box)
    {
        if (!Holds(cache->State != CacheState.Abandoned || box->Newest == null, "ended thread has blocks of others"u8, cache)) return false;
        uint count = 0;
        for (Block* block = box->Newest; block != null; block = block->Next)
        {
            Page* page = Segment.PageOf(block);
            if (!Holds(page == box->Page && page->Kind == PageKind.Small && page->IsSampled == 0 && (nuint)((byte*)block - page->Start) % page->BlockBytes == 0,
                "outbox holds a block of another page: a block was written to after it was freed"u8, block)) return false;
            if (!Holds(++count <= box->Count, "outbox is longer than it says"u8, cache)) return false;
            if (block->Next == null && !Holds(block == box->Oldest, "outbox does not know its oldest block"u8, block)) return false;
        }
        return Holds(count == box->Count && count <= Outbox.MaxCount, "outbox is not as long as it says"u8, cache);
    }

    static bool VerifyBin(ThreadCache* cache, int sizeClass)
    {
        Bin* bin = Bins.At(cache, sizeClass);
        uint count = 0, bytes = SizeClasses.BlockBytes(sizeClass);
        if (!Holds(bin->BlockBytes == bytes, "bin has a wrong block size"u8, cache)) return false;
        for (Block* block = bin->Free; block != null; block = block->Next)
        {
            Page* page = Segment.PageOf(block);
            if (!Holds(page->Kind == PageKind.Small && page->Class == sizeClass && page->IsSampled == 0 && (nuint)((byte*)block - page->Start) % bytes == 0, "bin holds a block of another class: a block was written to after it was freed"u8, block)) return false;
            if (!Holds(++count <= bin->Count, "bin is longer than it says"u8, cache)) return false;
        }
        if (!Holds(count == bin->Count && count <= bin->Limit, "bin is not as long as it says"u8, cache)) return false;
        if (bytes > SizeClasses.DirectMaxBytes) return true;
        return Holds(*ThreadCache.Direct(cache, bytes / SizeClasses.Granule - 1) == bin, "table of small sizes leads elsewhere than to its bin"u8, cache);
    }

    static bool Holds(bool invariant, ReadOnlySpan<byte> message, void* where)
    {
        if (invariant) return true;
        TextLine line = default;
        line.Append("lampyris: heap check: "u8);
        line.Append(message);
        line.Append(" (at "u8);
        line.AppendHex((ulong)where);
        line.Append(")"u8);
        ErrorOutput.Write(line);
        return false;
    }
}
