using System.Runtime.CompilerServices;

namespace Lampyris;

// The queue of a cache's pages of one class that may have free blocks. The first one serves requests; a page
// that gets blocks back joins at the end, so that it has gathered more of them when its turn comes.
// All under the cache's lock.
public static unsafe class PageQueue
{
    const int MaxLooks = 2;

    public static void Append(ThreadCache* cache, Page* page)
    {
        Page** last = ThreadCache.Last(cache, page->Class);
        page->Next = null;
        page->Previous = *last;
        page->State = PageState.Queued;
        if (*last != null) (*last)->Next = page;
        else *ThreadCache.First(cache, page->Class) = page;
        *last = page;
    }

    public static void Remove(ThreadCache* cache, Page* page)
    {
        Unlink(cache, page);
        if (page->Previous == null) *ThreadCache.First(cache, page->Class) = page->Next;
        page->Next = page->Previous = null;
    }

    /// <summary>
    /// Takes the first page off and makes the lowest of the next few the first: memory in use gathers at low addresses,
    /// and pages at high ones fall empty.
    /// </summary>
    public static void RemoveFirst(ThreadCache* cache, Page* page)
    {
        Page* second = page->Next;
        Unlink(cache, page);
        page->Next = null;
        Page* lowest = second;
        int looks = MaxLooks;
        for (Page* look = second; look != null && looks > 0; look = look->Next, looks--)
            if (look < lowest) lowest = look;
        if (lowest != second)
        {
            Unlink(cache, lowest);
            lowest->Previous = null;
            lowest->Next = second;
            second->Previous = lowest;
        }
        *ThreadCache.First(cache, page->Class) = lowest;
    }

    // Joins the neighbours; leaves the page's own links, and the head of the queue.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Unlink(ThreadCache* cache, Page* page)
    {
        if (page->Next != null) page->Next->Previous = page->Previous;
        else *ThreadCache.Last(cache, page->Class) = page->Previous;
        if (page->Previous != null) page->Previous->Next = page->Next;
    }
}
