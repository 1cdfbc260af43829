namespace Lampyris;

// Fork. Nothing is locked for it but purging: threads that hold locks of the C library inside which they allocate
// must not wait for a forking thread that waits for those. So the child may find other threads' caches in the
// middle of a change. The fast paths write in an order that is right at every instruction; a cache whose lock was
// held, that is, in a slow path, is lost to the child, which happens rarely and costs memory only.
public static unsafe partial class Heap
{
    public static void BeforeFork()
    {
        HeapRoot* root = Root;
        if (root == null) return;
        // In a signal handler that interrupted malloc_trim, the lock is this thread's already.
        if (root->PurgeLockThreadId == OsThread.CurrentId()) root->NestedForks++;
        else Purger.EnterPurge(root);
    }

    public static void AfterForkInParent()
    {
        HeapRoot* root = Root;
        if (root == null) return;
        if (root->NestedForks != 0) root->NestedForks--;
        else if (root->PurgeLockThreadId == OsThread.CurrentId()) Purger.ExitPurge(root);    // else the heap came up in between
    }

    /// <summary>Makes the child the owner of all there is: the caches of threads that exist in the parent only are abandoned.</summary>
    public static void AfterForkInChild(ThreadCache* mine)
    {
        HeapRoot* root = Root;
        if (root == null) return;
        Purger.Forget(root);
        root->ProcessId = OsThread.ProcessId();
        root->GrowLock = root->AbandonedLock = root->CacheLock = root->InitializeLock = default;
        root->AbandonedFirst = root->AbandonedLast = null;
        root->AbandonedCount = 0;
        root->ThreadCount = mine->State == CacheState.Live ? 1 : 0;
        if (mine->State == CacheState.Live) mine->ThreadId = OsThread.CurrentId();     // the empty cache is read-only
        // The child's own purger may start on the way, and had better not visit a cache that is just being counted.
        Purger.EnterPurge(root);
        for (ThreadCache* cache = (ThreadCache*)root->Caches; cache != null; cache = cache->NextCache)
        {
            if (cache == mine || cache->State == CacheState.Lost) continue;
            if (cache->Lock.IsTaken) cache->State = CacheState.Lost;
            else if (cache->State == CacheState.Sampling) continue;
            else if (cache->State == CacheState.Abandoned) Abandonment.Append(root, cache);
            else
            {
                root->ForkedInMotion = 1;
                Bins.Recount(cache);
                Outbox.RecountAll(cache);
                root->ThreadCount++;                // `Abandon` takes it off again
                Abandonment.Abandon(root, cache, cache->Attachment);
            }
        }
        Purger.ExitPurge(root);
        Sampling.Forget(root);
    }

    /// <summary>The calling thread ends: its cache waits for the next one. The thread's cache must be the empty one from now on.</summary>
    public static void ThreadEnds(ThreadCache* cache)
    {
        if (cache->State == CacheState.Live) Abandonment.Abandon(Root, cache, cache->Attachment);
    }

    /// <summary>Gives back all that is free now, and not in the bins of other threads. True if anything went back.</summary>
    public static bool Trim(ThreadCache* cache)
    {
        HeapRoot* root = Root;
        if (root == null || root->PurgeLockThreadId == OsThread.CurrentId()) return false;
        nuint before = root->PurgedBytes;
        if (cache->State == CacheState.Live)
        {
            cache->Lock.Enter();
            Bins.FlushAll(root, cache);
            SliceStock.Flush(root, cache);
            cache->Lock.Exit();
        }
        Purger.Visit(root, idleOnly: false, canSeize: false);
        return root->PurgedBytes != before;
    }
}
