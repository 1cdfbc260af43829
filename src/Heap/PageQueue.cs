namespace Lampyris;

// The queue of a cache's pages of one class that may have free blocks. The first one serves requests; a page
// that gets blocks back joins at the end, so that it has gathered more of them when its turn comes.
// All under the cache's lock.
public static unsafe class PageQueue
{
    const int MaxLooks = 8;

    public static void Append(ThreadCache* cache, Page* page)
    {
        Page** first = ThreadCache.First(cache, page->Class);
        Page** last = ThreadCache.Last(cache, page->Class);
        page->Next = null;
        page->Previous = *last;
        if (*last != null) (*last)->Next = page;
        *last = page;
        page->State = PageState.Queued;
        if (*first == null) SetFirst(cache, first, page);
    }

    public static void Remove(ThreadCache* cache, Page* page)
    {
        Page** first = ThreadCache.First(cache, page->Class);
        Page** last = ThreadCache.Last(cache, page->Class);
        if (page->Next != null) page->Next->Previous = page->Previous;
        else *last = page->Previous;
        if (page->Previous != null) page->Previous->Next = page->Next;
        else SetFirst(cache, first, page->Next, page->Class);
        page->Next = page->Previous = null;
    }

    /// <summary>Makes the lowest of the next few pages the first: memory in use gathers at low addresses, and pages at high ones fall empty.</summary>
    public static void PromoteLowest(ThreadCache* cache, int sizeClass)
    {
        Page* first = *ThreadCache.First(cache, sizeClass);
        if (first == null) return;
        Page* lowest = first;
        int looks = MaxLooks;
        for (Page* page = first->Next; page != null && looks > 0; page = page->Next, looks--)
            if (page < lowest) lowest = page;
        if (lowest == first) return;
        Remove(cache, lowest);
        lowest->Next = first;
        first->Previous = lowest;
        SetFirst(cache, ThreadCache.First(cache, sizeClass), lowest);
    }

    static void SetFirst(ThreadCache* cache, Page** first, Page* page) => SetFirst(cache, first, page, page->Class);

    static void SetFirst(ThreadCache* cache, Page** first, Page* page, int sizeClass)
    {
        *first = page;
        nuint to = SizeClasses.BlockBytes(sizeClass) / SizeClasses.Granule;
        if (to >= ThreadCache.DirectCount) return;
        nuint from = sizeClass == 0 ? 0 : SizeClasses.BlockBytes(sizeClass - 1) / SizeClasses.Granule + 1;
        Page* served = page == null ? Heap.EmptyPage : page;
        for (nuint index = from; index <= to; index++) *ThreadCache.Direct(cache, index) = served;
    }
}
