namespace Lampyris;

// Empties the bins of threads that sleep, the way `Seizure` comes by their pages: the bins are hidden from the owner first.
// To a page its blocks in bins are live, so this comes before the pages' turn.
public static unsafe class BinSeizure
{
    /// <summary>
    /// Empties the bins of sleeping threads; with <paramref name="idleOnly"/>, those that have not changed since the last
    /// visit. True if there are any that it will look at again. The caller has entered the purge.
    /// </summary>
    public static bool Visit(HeapRoot* root, ThreadCache* cache, bool idleOnly)
    {
        if (!Seizure.MayBeSeized(cache)) return false;
        ulong stamp = Stamp(cache);
        if (stamp == 0) return false;
        bool idle = !idleOnly || cache->BinStamp == stamp;
        cache->BinStamp = stamp;
        return !idle || !Seize(root, cache);
    }

    // 0: all are empty. Read without the lock: a hint.
    static ulong Stamp(ThreadCache* cache)
    {
        ulong stamp = 0;
        bool any = cache->StockCount != 0;
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            Bin* bin = Bins.At(cache, sizeClass);
            any |= bin->Free != null;
            stamp = stamp * 31 + (ulong)bin->Free + (ulong)bin->Countdown;
        }
        for (int index = 0; index < Outbox.PerThread; index++)
        {
            Block* newest = ThreadCache.Outbox(cache, index)->Newest;
            any |= newest != null;
            stamp = stamp * 31 + (ulong)newest;
        }
        return any ? stamp | 1 : 0;
    }

    // False: the bins have to wait for another visit.
    static bool Seize(HeapRoot* root, ThreadCache* cache)
    {
        if (!Seizure.TryEnter(root, cache, out bool isDone)) return isDone;
        uint* limits = stackalloc uint[SizeClasses.Count];
        Block** blocks = stackalloc Block*[SizeClasses.Count];
        Bins.Hide(cache, limits);
        bool ours = Seizure.IsAway(root, cache, out bool ended);
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) blocks[sizeClass] = ours ? Bins.Take(cache, sizeClass) : null;
        if (ours) Outbox.FlushAll(cache);         // as any thread: pages of others need no lock
        Bins.Show(cache, limits);
        SliceStock.Flush(root, cache);
        uint attachment = cache->Attachment;
        cache->Lock.Exit();
        // The owner may have woken up, and works on its pages: to them the purger is any other thread.
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            Block* rest = blocks[sizeClass];
            while (rest != null)
            {
                Page* page = Bins.TakeChain(ref rest, out Block* first, out Block* last, out uint count);
                Heap.PushRemote(page, first, last, count);
            }
        }
        if (ended) Abandonment.Abandon(root, cache, attachment);        // its end was not seen: it allocated in its last breath
        return ours;
    }
}
