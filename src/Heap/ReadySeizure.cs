using System.Threading;

namespace Lampyris;

// Takes up, in place of threads that sleep, the pages that others have told them of. The way is `Seizure`'s, but it goes by the owner's
// `Ready` stack, not by segments: one question to the kernel serves many pages, and those that fall empty, which are most where
// one thread frees what many have filled, are free slices when the purger comes to their segments.
public static unsafe class ReadySeizure
{
    const int MaxPages = 64;        // at a time: an owner that wakes up waits for so long

    /// <summary>True if there are pages that have to wait for another visit. The caller has entered the purge.</summary>
    public static bool Visit(HeapRoot* root, ThreadCache* cache)
    {
        while (Volatile.Read(ref cache->Ready) != 0 && Seizure.MayBeSeized(cache))
            if (!Seize(root, cache)) return true;
        return false;
    }

    static bool Seize(HeapRoot* root, ThreadCache* cache)
    {
        if (!Seizure.TryEnter(root, cache, out bool isDone)) return isDone;
        Page** hidden = stackalloc Page*[MaxPages];
        int count = 0;
        while (count < MaxPages)
        {
            Page* page = ThreadCache.PopReady(cache);
            if (page == null) break;
            if (page->Cache != cache)
            {
                ThreadCache.Tell(page);         // adopted by another cache meanwhile
                continue;
            }
            Seizure.Hide(page);
            hidden[count++] = page;
        }
        uint attachment = cache->Attachment;
        bool ours = Seizure.IsAway(root, cache, out bool ended);
        for (int i = 0; i < count; i++)
        {
            Page* page = hidden[i];
            if (ours && TryEnd(root, page)) continue;
            Seizure.PutBack(page);
            if (!ours) ThreadCache.Tell(page);
        }
        cache->Lock.Exit();
        if (ended) Abandonment.Abandon(root, cache, attachment);        // its end was not seen: it allocated in its last breath
        return ours;
    }

    // True: the page is no more. Off the stack and with all of its blocks back, nobody can be about to tell of it again.
    static bool TryEnd(HeapRoot* root, Page* page)
    {
        Seizure.CountFullPage(page);
        PageFill.Collect(page, RemoteList.TakeUp(page));
        if (page->Live != 0) return false;
        PageFill.Destroy(root, page, toStock: false);
        return true;
    }
}
