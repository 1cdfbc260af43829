using System.Threading;

namespace Lampyris;

// Keeps peaks low. The purger gives back what has been idle for a while; a heap that grows faster than that would
// take fresh memory from the system and hold unused memory at the same time. So growth pays as it goes:
//   - free slices go back, the highest first, when they and what is in use exceed the most that was ever in use by an eighth;
//   - each time the heap has grown by an eighth since the last such round, threads look through their pages, a
//     few for each page they take, and give back the OS pages inside that hold free blocks only; and the purger
//     visits the pages of threads that sleep, without waiting for them to be idle.
// Each round follows growth in proportion to the heap, so its cost is a constant share of the growth's own.
public static unsafe class Squeeze
{
    const long MinBytes = 8 * Units.MiB;        // a smaller heap is left alone
    const int SlackShift = 3, StepShift = 3;
    const long MinAtOnceBytes = 256 * Units.KiB;       // that one call may give back, on top of as much as it takes: so it takes no longer than the first touch of that

    /// <summary>Called when slices were taken, <paramref name="freshBytes"/> of which were not backed by memory before.</summary>
    public static void Grown(HeapRoot* root, nuint freshBytes)
    {
        long backed = Interlocked.Add(ref root->BackedBytes, (long)freshBytes);
        if (backed < MinBytes || root->PurgeEnabled == 0) return;
        long needed = backed - root->RetainedBytes, peak = Volatile.Read(ref root->PeakNeededBytes);
        if (needed > peak) Volatile.Write(ref root->PeakNeededBytes, peak = needed);       // two at once: the next one puts it right
        long over = backed - peak - (peak >> SlackShift);
        if (over > 0)
        {
            // Where the system takes nothing back (locked memory), it is asked again when the heap has grown by as much.
            long most = (long)freshBytes + MinAtOnceBytes;
            if (!PurgeFree(root, over < most ? over : most)) Volatile.Write(ref root->PeakNeededBytes, backed);
        }
        if (backed > Volatile.Read(ref root->SqueezeAtBytes)) BeginRound(root, backed);
    }

    /// <summary>One step of the round that is under way: looks at a few of the cache's pages. Under its lock.</summary>
    public static void Step(HeapRoot* root, ThreadCache* cache)
    {
        const int MaxLooks = 16;

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
        for (; cache->SqueezeClass < SizeClasses.Count; cache->SqueezeClass++)
        {
            Bins.Flush(root, cache, cache->SqueezeClass);
            // The first page serves requests. Those seen go to the end, so that the ones not purged are used before.
            Page* first = *ThreadCache.First(cache, cache->SqueezeClass);
            if (first == null) continue;
            for (Page* page = first->Next; page != null && page->SqueezeRound != round; page = first->Next)
            {
                if (looks-- == 0) return;
                page->SqueezeRound = round;
                PageFill.Collect(page);
                if (page->LiveCount == 0 && Heap.Release(root, page)) continue;
                PageQueue.Remove(cache, page);
                PageQueue.Append(cache, page);
                if (OsPagePurge.MayGain(page)) OsPagePurge.Purge(root, page);
            }
        }
        EndRound(root);
    }

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
        Interlocked.Increment(ref root->SqueezeRound);
        Purger.Hurry(root);
    }

    static long After(long backed)
    {
        if (backed < MinBytes) backed = MinBytes;
        return backed + (backed >> StepShift);
    }

    /// <summary>Purges free slices, from the top, since they are handed out from the bottom, until <paramref name="bytes"/> have gone back. False: nothing went, though it tried.</summary>
    public static bool PurgeFree(HeapRoot* root, long bytes)
    {
        if (root->RetainedBytes < Segment.SliceBytes || !Purger.TryEnterPurge(root)) return true;
        long retained = 0;
        nuint before = root->PurgedBytes, until = before + (nuint)bytes;
        for (int i = Volatile.Read(ref root->ArenaCount) - 1; i >= 0; i--)
        {
            Arena* arena = *HeapRoot.ArenaAt(root, i);
            for (int index = arena->SegmentCount - 1; index >= 0 && (nint)(until - root->PurgedBytes) > 0; index--)
                if ((Volatile.Read(ref Arena.State(arena, index)->Dirty) & Arena.FreeSlices(arena, index)) != 0)
                    SlicePurge.Visit(root, arena, index, idleOnly: false, ref retained);
        }
        bool purged = root->PurgedBytes != before;
        Purger.ExitPurge(root);
        return purged;
    }
}
