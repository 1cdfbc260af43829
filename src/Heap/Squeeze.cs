using System.Threading;

namespace Lampyris;

// Keeps peaks low. The purger gives back what has been idle for a while; a heap that grows faster than that would
// take fresh memory from the system and hold unused memory at the same time. So growth pays as it goes:
//   - free slices go back, the highest first, when they and what is in use exceed the most that was ever in use by a quarter;
//   - each time the heap has grown by an eighth since the last such round, threads look through their pages, a
//     few for each page they take, and give back the OS pages inside that hold free blocks only; and the purger
//     visits the pages of threads that sleep, without waiting for them to be idle.
// Each round follows growth in proportion to the heap, so its cost is a constant share of the growth's own. Where the program soon takes
// again what the rounds purge inside pages, they pause for a time in proportion to the heap, so that this is a bounded share of the time.
public static unsafe class Squeeze
{
    const long MinBytes = 8 * Units.MiB;        // a smaller heap is left alone
    const int SlackPart = 4;                    // what may stay beyond the peak, as a part of it
    const int WakeShift = 6;                    // a 64th of the peak beyond that wakes the purger
    const int BehindShift = 4;                  // a 16th: it has fallen behind
    const int StepShift = 3;
    const long MinPauseMs = 250, PauseBytesOfAMs = 512 * Units.KiB;     // from one round that purges to the next
    const long MinAtOnceBytes = 128 * Units.KiB;       // that a call may give back, on top of as much as it takes
    const long MaxAtOnceBytes = 256 * Units.KiB;
    const int MaxLooksAtOnce = 4096;    // at the states of segments

    /// <summary>Called when slices were taken, <paramref name="freshBytes"/> of which were not backed by memory before.</summary>
    public static void Grown(HeapRoot* root, nuint freshBytes)
    {
        long backed = Interlocked.Add(ref root->BackedBytes, (long)freshBytes);
        if (backed < MinBytes || root->PurgeEnabled == 0) return;
        long needed = backed - root->RetainedBytes, peak = Volatile.Read(ref root->PeakNeededBytes);
        if (needed > peak) Volatile.Write(ref root->PeakNeededBytes, peak = needed);       // two at once: the next one puts it right
        GiveBack(root, backed, peak, (long)freshBytes + MinAtOnceBytes);
        if (backed > Volatile.Read(ref root->SqueezeAtBytes)) BeginRound(root, backed);
    }

    // The purger does it while the program touches what it got: in the call it would be the longest part of it. Where the purger falls
    // behind, or there is none, a call does a part of it, in proportion to what it took and within some 200 us.
    static void GiveBack(HeapRoot* root, long backed, long peak, long most)
    {
        long over = Over(root, backed, peak);
        if (over <= peak >> WakeShift) return;
        Purger.Hurry(root, PurgerErrand.FreeSlices);
        if (over <= peak >> BehindShift || !Purger.TryEnterPurge(root)) return;
        if (most > MaxAtOnceBytes) most = MaxAtOnceBytes;
        PurgeOver(root, backed, over < most ? over : most, MaxLooksAtOnce);
        Purger.ExitPurge(root);
    }

    /// <summary>Gives back all that is too much, in steps, so that no fork has to wait long. By the purger.</summary>
    public static void GiveBackAll(HeapRoot* root)
    {
        const long StepBytes = 2 * Units.MiB;

        bool purged = true;
        while (purged)
        {
            long backed = Volatile.Read(ref root->BackedBytes), over = Over(root, backed, Volatile.Read(ref root->PeakNeededBytes));
            if (over == 0) return;
            Purger.EnterPurge(root);
            purged = PurgeOver(root, backed, over < StepBytes ? over : StepBytes, int.MaxValue);
            Purger.ExitPurge(root);
        }
    }

    // Where the system takes nothing back (locked memory), it is asked again when the heap has grown by as much.
    static bool PurgeOver(HeapRoot* root, long backed, long bytes, int mostLooks)
    {
        bool purged = PurgeFree(root, bytes, mostLooks);
        if (!purged) Volatile.Write(ref root->PeakNeededBytes, backed);
        return purged;
    }

    // Bytes of free slices beyond what may stay.
    static long Over(HeapRoot* root, long backed, long peak)
    {
        long over = backed - peak - peak / SlackPart, retained = root->RetainedBytes;
        if (over > retained) over = retained;
        return over < Segment.SliceBytes ? 0 : over;
    }

    /// <summary>One step of the round that is under way: looks at a few of the cache's pages. Under its lock.</summary>
    public static void Step(HeapRoot* root, ThreadCache* cache)
    {
        const int MaxLooks = 16, LooksOfAWalk = 6;      // a walk along a cold list, and perhaps a system call, is as much work as so many looks

        uint round = Volatile.Read(ref root->SqueezeRound);
        if (cache->SqueezeRound == round)
        {
            if (cache->SqueezeClass == SizeClasses.Count) return;
        }
        else
        {
            cache->SqueezeRound = round;
            cache->SqueezeClass = 0;
            SliceStock.Flush(root, cache);
        }
        int looks = MaxLooks;
        bool purges = Volatile.Read(ref root->SqueezePurges) != 0;
        for (; cache->SqueezeClass < SizeClasses.Count; cache->SqueezeClass++)
        {
            Bins.Flush(root, cache, cache->SqueezeClass);
            // The first page serves requests. Those seen go to the end, so that the ones not purged are used before.
            Page* first = *ThreadCache.First(cache, cache->SqueezeClass);
            if (first == null) continue;
            for (Page* page = first->Next; page != null && page->SqueezeRound != round; page = first->Next)
            {
                if (looks-- <= 0) return;
                page->SqueezeRound = round;
                PageFill.Collect(page);
                if (page->LiveCount == 0 && Heap.Release(root, page)) continue;
                PageQueue.Remove(cache, page);
                PageQueue.Append(cache, page);
                if (purges && HasMoreFree(page) && OsPagePurge.MayGain(page))
                {
                    looks -= LooksOfAWalk;
                    Interlocked.Add(ref root->SqueezedBytes, (long)OsPagePurge.Purge(root, page) * OsMemory.OsPage);
                    page->SqueezeFree = FreeCount(page);
                }
            }
        }
        EndRound(root);
    }

    // Looking for OS pages walks a list of blocks that have long left the caches. It is worth it again when a sixteenth of the
    // page's blocks have come back since it was last done.
    static bool HasMoreFree(Page* page)
    {
        ushort free = FreeCount(page);
        if (free < page->SqueezeFree) page->SqueezeFree = free;
        return free > page->SqueezeFree + (page->Carved >> 4);
    }

    static ushort FreeCount(Page* page) => (ushort)(page->Carved - page->Live);

    /// <summary>Sets the size at which the next round begins, after memory has gone back.</summary>
    public static void EndRound(HeapRoot* root)
    {
        long at = After(Volatile.Read(ref root->BackedBytes));
        if (at < Volatile.Read(ref root->SqueezeAtBytes)) Volatile.Write(ref root->SqueezeAtBytes, at);
    }

    static void BeginRound(HeapRoot* root, long backed)
    {
        long seen = Volatile.Read(ref root->SqueezeAtBytes);
        if (backed <= seen || Interlocked.CompareExchange(ref root->SqueezeAtBytes, After(backed), seen) != seen) return;
        if (seen == 0) return;                  // has just become large enough
        Volatile.Write(ref root->SqueezePurges, IsWorthPurging(root, backed) ? 1u : 0);
        Interlocked.Increment(ref root->SqueezeRound);
        Purger.Hurry(root, PurgerErrand.SleepersPages);
    }

    // Where much comes and goes at a constant size, what goes back is soon wanted again, and the next round is as soon due. Where half
    // of it was, the next round that purges has to wait.
    static bool IsWorthPurging(HeapRoot* root, long backed)
    {
        long now = OsClock.MonotonicMs, pause = backed / PauseBytesOfAMs;
        bool inVain = root->ResumedBytes > root->SqueezedBytes / 2;
        if (inVain && now - root->SqueezedMs < (pause > MinPauseMs ? pause : MinPauseMs)) return false;
        root->SqueezedBytes = root->ResumedBytes = 0;
        root->SqueezedMs = now;
        return true;
    }

    static long After(long backed)
    {
        if (backed < MinBytes) backed = MinBytes;
        return backed + (backed >> StepShift);
    }

    /// <summary>
    /// Purges free slices, from the top, since they are handed out from the bottom, until <paramref name="bytes"/> have gone
    /// back, or <paramref name="mostLooks"/> segments have been looked at. False: there was nothing that the system took. Inside
    /// <see cref="Purger.EnterPurge"/>.
    /// </summary>
    public static bool PurgeFree(HeapRoot* root, long bytes, int mostLooks)
    {
        long retained = 0;
        nuint before = root->PurgedBytes;
        for (int i = Volatile.Read(ref root->ArenaCount) - 1; i >= 0; i--)
        {
            Arena* arena = *HeapRoot.ArenaAt(root, i);
            for (int index = arena->SegmentCount - 1; index >= 0; index--)
            {
                long rest = bytes - (long)(root->PurgedBytes - before);
                if (rest <= 0 || mostLooks-- == 0) return true;
                if ((Volatile.Read(ref Arena.State(arena, index)->Dirty) & Arena.FreeSlices(arena, index)) == 0) continue;
                SlicePurge.Visit(root, arena, index, idleOnly: false, (int)((rest + Segment.SliceBytes - 1) >> Segment.SliceShift), ref retained);
            }
        }
        return root->PurgedBytes != before;
    }
}
