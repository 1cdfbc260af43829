using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Makes pages and keeps blocks on their lists. All under the owner's lock.
public static unsafe class PageFill
{
    // A page is one slice, or as many as hold this many blocks and leave at most an eighth of the page over behind the last:
    // with few blocks to a page, a page falls empty often and its memory can serve other classes. The longest blocks have one each.
    const uint MinBlocks = 4;
    const int TailShift = 3;
    const int MaxSlices = (int)MinBlocks * SizeClasses.SharedMaxBytes / Segment.SliceBytes;
    const uint AnyBlockFits = SizeClasses.MaxBytes <= MaxSlices * Segment.SliceBytes ? 0 : -1;
    const uint OsPagesFitTheSet = MaxSlices * Segment.SliceBytes / OsMemory.OsPage <= OsPageSet.Capacity ? 0 : -1;
    const uint BlocksFitTheCount = Segment.SliceBytes / SizeClasses.Granule <= ushort.MaxValue ? 0 : -1;

    // Bytes carved at a time: enough to stay away from here, few enough not to touch what may never be used. What has been touched
    // before is carved as a whole.
    const uint CarveBytes = 4 * Units.KiB;

    // A heap of more than this for each thread, and once more, has pages backed as a whole, in one call instead of a page fault for
    // each OS page. What that may waste, the rest of one page for each class and thread, is little beside it. Not of longer pages:
    // whoever uses one of their blocks need not use the next.
    const long PopulateFromBytes = Units.MiB;
    const int PopulateMaxSlices = 2;

    /// <summary>A new page, without blocks on its list yet, in no queue. Null when memory is refused.</summary>
    public static Page* Create(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        uint blockBytes = SizeClasses.BlockBytes(sizeClass);
        int slices = SlicesFor(blockBytes);
        Squeeze.Step(root, cache);
        if (!SliceStock.TryTake(root, cache, slices, out SliceRun run)) return null;
        Page* page = Segment.PageAt(run.Segment, (nuint)run.First);
        *page = default;
        page->BlockBytes = blockBytes;
        page->Capacity = (ushort)((uint)slices * Segment.SliceBytes / blockBytes);
        page->Class = (byte)sizeClass;
        page->Kind = PageKind.Small;
        page->SliceCount = (byte)slices;
        page->Cache = cache;
        page->IsSampled = (byte)(cache->State == CacheState.Sampling ? 1 : 0);
        page->Start = run.Start;
        bool isBacked = !run.IsClean || slices <= PopulateMaxSlices && IsWorthPopulating(root) && OsMemory.Populate(run.Start, (nuint)slices * Segment.SliceBytes);
        page->TouchedOsPages = (ushort)(isBacked ? slices * (Segment.SliceBytes / OsMemory.OsPage) : 0);
        uint tag = TagOf(page);
        for (int i = 0; i < slices; i++)
        {
            Segment.PageAt(run.Segment, (nuint)(run.First + i))->SliceMark = Page.MarkFor((nuint)run.First);
            *Region.Tag(run.Segment, (nuint)(run.First + i)) = tag;
        }
        page->Owner = cache;
        return page;
    }

    /// <summary>The tag of each of a page's slices. Blocks that were picked for a profile go into no bin.</summary>
    public static uint TagOf(Page* page) => page->IsSampled != 0 ? 0 : Region.SmallTag + page->Class * (uint)Bin.Bytes;

    /// <summary>Slices of a page for blocks of a size.</summary>
    public static int SlicesFor(uint blockBytes)
    {
        uint blocks = blockBytes <= SizeClasses.SharedMaxBytes ? MinBlocks : 1;
        uint slices = (blocks * blockBytes + Segment.SliceBytes - 1) / Segment.SliceBytes;
        while (slices * Segment.SliceBytes % blockBytes > slices * Segment.SliceBytes >> TailShift) slices++;
        return (int)slices;
    }

    /// <summary>Ends an empty page, in no queue. Its slices go to the arena, or with <paramref name="toStock"/> to the owner's stock.</summary>
    public static void Destroy(HeapRoot* root, Page* page, bool toStock)
    {
        Segment* segment = Segment.Of(page->Start + 1);
        int first = (int)Segment.SliceOf(segment, page->Start);
        // Its slices count as backed as a whole again.
        if (!page->Purged.IsEmpty) OsPagePurge.Resume(root, page->Purged.Count);
        page->Owner = null;
        for (int i = 0; i < page->SliceCount; i++) *Region.Tag(segment, (nuint)(first + i)) = 0;
        page->Kind = PageKind.None;
        if (toStock) SliceStock.Return(root, page->Cache, segment, first, page->SliceCount);
        else Slices.Return(root, segment, first, page->SliceCount);
    }

    /// <summary>Puts blocks on the empty list of a page, from the cheapest source that has any. False: there are none.</summary>
    public static bool Refill(Page* page)
    {
        if (RemoteList.Count(Volatile.Read(ref page->Remote)) != 0)
        {
            Collect(page);
            return true;
        }
        if (!page->Purged.IsEmpty && OsPagePurge.Restore(page)) return true;
        return page->Carved < page->Capacity && Carve(page);
    }

    /// <summary>Moves what other threads have freed to the page's own list.</summary>
    public static void Collect(Page* page) => Collect(page, RemoteList.Take(page));

    /// <summary>Moves the blocks of a word taken off the page's remote list to its own list.</summary>
    public static void Collect(Page* page, ulong word)
    {
        uint count = RemoteList.Count(word);
        if (count == 0) return;
        Block* newest = RemoteList.Newest(word);
        if (page->Free != null)
        {
            Block* oldest = newest;
            while (oldest->Next != null) oldest = oldest->Next;
            oldest->Next = page->Free;
        }
        page->Free = newest;
        page->Live -= count;
        page->Cache->RemoteFreeCount += count;
    }

    static bool IsWorthPopulating(HeapRoot* root) => root->BackedBytes > PopulateFromBytes * (root->ThreadCount + 1L);

    static bool Carve(Page* page)
    {
        uint blockBytes = page->BlockBytes;
        uint carvedBytes = (uint)page->CarvedBytes, touchedBytes = page->TouchedOsPages * (uint)OsMemory.OsPage;
        uint bytes = touchedBytes > carvedBytes + CarveBytes ? touchedBytes - carvedBytes : CarveBytes;
        uint count = blockBytes >= bytes ? 1 : bytes / blockBytes;
        uint rest = (uint)(page->Capacity - page->Carved);
        if (count > rest) count = rest;
        byte* first = page->Start + carvedBytes;
        byte* last = first + (nuint)(count - 1) * blockBytes;
        for (byte* block = first; block < last; block += blockBytes) ((Block*)block)->Next = (Block*)(block + blockBytes);
        ((Block*)last)->Next = null;
        page->Free = (Block*)first;
        page->Carved += (ushort)count;
        return true;
    }
}
