using System.Numerics;
using System.Threading;

namespace Lampyris;

// How the purger comes by pages of threads that sleep, at no cost to the fast paths.
//
// A page's owner works on it without a lock. To work on it in the owner's place, the purger
//   1. takes the owner's lock: no slow path of the owner's runs;
//   2. takes the page out of the owner's sight: out of its queue, which is where `Allocate` finds it,
//      and clears its `Owner`, which is what `Free` asks (it then goes the remote way);
//   3. issues a barrier on all running threads: a fast path that begins from now on sees the above;
//   4. asks the kernel whether the owner is asleep in a system call, outside of signal handlers: then no
//      fast path that began before is still under way, and the page is the purger's.
// If the owner is not asleep, the page is put back as it was. An owner that wakes up meanwhile finds its
// lock taken in the slow path for as long as the purge of one segment lasts.
public static unsafe class Seizure
{
    const ulong Visited = 1;                        // in `Page.Stamp`: nothing more to gain until it changes

    /// <summary>
    /// Purges inside the pages of a segment whose owners sleep or have ended; with <paramref name="idleOnly"/>, in those that
    /// have not changed since the last visit. True if there are any that it will look at again.
    /// </summary>
    public static bool Visit(HeapRoot* root, Arena* arena, int index, bool idleOnly)
    {
        SegmentState* state = Arena.State(arena, index);
        Segment* segment = Arena.SegmentAt(arena, index);
        if ((Volatile.Read(ref state->Used) & Segment.AllSlices) == 0) return false;
        // Pairs with `Slices.TryTakeWhole`: either it sees this and leaves the segment alone, or bit 0 tells that
        // the segment is taken whole, and what was its header may be the inside of a block.
        Interlocked.Exchange(ref root->VisitedSegment, (nint)segment);
        bool any = (Volatile.Read(ref state->Used) & 1) == 0 && VisitPages(root, arena, index, segment, idleOnly);
        Volatile.Write(ref root->VisitedSegment, 0);
        return any;
    }

    static bool VisitPages(HeapRoot* root, Arena* arena, int index, Segment* segment, bool idleOnly)
    {
        ulong idle = FindIdle(arena, index, segment, idleOnly, out bool changing);
        while (idle != 0)
        {
            // All candidates of one owner at a time.
            ThreadCache* cache = Segment.PageAt(segment, (nuint)BitOperations.TrailingZeroCount(idle))->Cache;
            ulong mine = 0;
            for (ulong rest = idle; rest != 0; rest &= rest - 1)
                if (Segment.PageAt(segment, (nuint)BitOperations.TrailingZeroCount(rest))->Cache == cache) mine |= rest & 0 - rest;
            idle &= ~mine;
            if (cache == null || mine == 0) return true;            // changed under our eyes
            changing |= !Seize(root, segment, cache, mine);
        }
        return changing;
    }

    // Pages of which nothing has changed since the last visit, or whichever, and some could go back.
    static ulong FindIdle(Arena* arena, int index, Segment* segment, bool idleOnly, out bool changing)
    {
        ulong idle = 0;
        changing = false;
        for (ulong rest = Volatile.Read(ref Arena.State(arena, index)->Used) & Segment.AllSlices; rest != 0; rest &= rest - 1)
        {
            int slice = BitOperations.TrailingZeroCount(rest);
            if (!Segment.BeginsPage(segment, (nuint)slice)) continue;
            Page* page = Segment.PageAt(segment, (nuint)slice);
            if (page->Kind != PageKind.Small) continue;
            ulong stamp = Stamp(page);
            if (page->Stamp == (stamp | Visited)) continue;
            if (page->LiveCount != RemoteList.Count(page->Remote) && !OsPagePurge.MayGain(page))
            {
                page->Stamp = stamp | Visited;
                continue;
            }
            if (!idleOnly || page->Stamp == stamp) idle |= 1UL << slice;
            page->Stamp = stamp;
            changing = true;
        }
        return idle;
    }

    static ulong Stamp(Page* page) =>
        ((ulong)page->Free * 0x9E3779B97F4A7C15 + page->Live * 0xC2B2AE3D27D4EB4F + page->Remote) & ~Visited;

    // False: the pages have to wait for another visit.
    static bool Seize(HeapRoot* root, Segment* segment, ThreadCache* cache, ulong slices)
    {
        if (!TryEnter(root, cache, out bool isDone)) return isDone;
        ulong hidden = 0;
        for (ulong rest = slices; rest != 0; rest &= rest - 1)
        {
            int slice = BitOperations.TrailingZeroCount(rest);
            Page* page = Segment.PageAt(segment, (nuint)slice);
            // Looked at without the lock before; under it, `Owner` tells.
            if (page->Kind != PageKind.Small || page->Cache != cache || page->Owner != cache) continue;
            Hide(page);
            hidden |= 1UL << slice;
        }
        uint attachment = cache->Attachment;
        bool ours = IsAway(root, cache, out bool ended);
        if (ours) TakeOffReady(cache, segment, hidden);
        for (ulong rest = hidden; rest != 0; rest &= rest - 1)
        {
            int slice = BitOperations.TrailingZeroCount(rest);
            Page* page = Segment.PageAt(segment, (nuint)slice);
            if (!ours || !Purge(root, segment, slice, page)) PutBack(page);
        }
        cache->Lock.Exit();
        if (ended) Abandonment.Abandon(root, cache, attachment);        // its end was not seen: it allocated in its last breath
        return ours;
    }

    /// <summary>
    /// Takes a cache's lock, to work in its owner's place. False: it has to wait for another visit or, <paramref name="isDone"/>,
    /// it is a cache that nobody seizes.
    /// </summary>
    internal static bool TryEnter(HeapRoot* root, ThreadCache* cache, out bool isDone)
    {
        isDone = false;
        // Asking costs system calls, and there is more to ask after this: an owner found awake counts as such for this round.
        if (cache->AwakeInVisit == root->PurgerVisit || !cache->Lock.TryEnter()) return false;
        if (MayBeSeized(cache)) return true;
        cache->Lock.Exit();
        isDone = true;
        return false;
    }

    /// <summary>Not one that a fork has left half changed, nor one that has no owner.</summary>
    internal static bool MayBeSeized(ThreadCache* cache) => cache->State is CacheState.Live or CacheState.Abandoned;

    /// <summary>
    /// Whether a cache's owner is in the middle of no function of the heap, so that it will find hidden what has been
    /// hidden. <paramref name="ended"/>: there is no such thread any more. Under the cache's lock.
    /// </summary>
    internal static bool IsAway(HeapRoot* root, ThreadCache* cache, out bool ended)
    {
        ended = cache->State == CacheState.Live && !OsThread.Exists(cache->ThreadId);
        if (ended || cache->State == CacheState.Abandoned) return true;
        if (ProcessBarrier.Issue() && ThreadSleep.IsAsleep(cache->ThreadId, cache->SignalMask)) return true;
        cache->AwakeInVisit = root->PurgerVisit;
        return false;
    }

    // Full pages that got blocks back wait on the owner's stack for it to wake up; an empty one could not go while it is
    // there. Those in other segments stay.
    static void TakeOffReady(ThreadCache* cache, Segment* segment, ulong hidden)
    {
        // Pairs with the push in `ThreadCache.Tell`.
        Page* page = (Page*)Interlocked.Exchange(ref cache->Ready, 0);
        while (page != null)
        {
            Page* next = page->NextReady;
            bool mine = Segment.Of(page->Start) == segment && (hidden >> (int)Segment.SliceOf(segment, page->Start) & 1) != 0;
            if (mine) RemoteList.ClearNotified(page);
            else ThreadCache.Tell(page);
            page = next;
        }
    }

    // True: the page is no more.
    static bool Purge(HeapRoot* root, Segment* segment, int slice, Page* page)
    {
        if (page->State == PageState.Full)
        {
            if (page->Free == null && RemoteList.Count(Volatile.Read(ref page->Remote)) == 0) return false;
            CountFullPage(page);
        }
        PageFill.Collect(page);
        if (page->Live == 0 && !RemoteList.IsNotified(page))
        {
            ulong run = Bits.Run(slice, page->SliceCount);
            PageFill.Destroy(root, page, toStock: false);
            Interlocked.Or(ref Segment.State(segment)->Idle, run);           // idle already: goes back at this visit
            return true;
        }
        OsPagePurge.Purge(root, page);
        page->Stamp = Stamp(page) | Visited;
        return false;
    }

    /// <summary>Takes a page out of its owner's sight. Under the owner's lock.</summary>
    internal static void Hide(Page* page)
    {
        if (page->State == PageState.Queued) PageQueue.Remove(page->Cache, page);
        page->Owner = null;
    }

    /// <summary>Undoes <see cref="Hide"/>; a page that is no longer full is queued.</summary>
    internal static void PutBack(Page* page)
    {
        if (page->State == PageState.Queued) PageQueue.Append(page->Cache, page);
        page->Owner = page->Cache;
    }

    /// <summary>A hidden page counts its blocks as a queued one does from now on.</summary>
    internal static void CountFullPage(Page* page)
    {
        page->Live = page->LiveCount;
        page->State = PageState.Queued;
    }
}
