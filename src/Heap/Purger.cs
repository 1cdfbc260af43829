using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// Step 6 of the tour in `Heap`: memory goes back to the system. A thread of the heap's own, started when there is
// something to give back for the first time, visits every `PurgeDelayMs` and purges the slices that were
// free at its last visit already (`SlicePurge`), and the idle OS pages inside pages (`Seizure`). When two visits
// found nothing to do and nothing has changed, it sleeps until it is nudged.
//
// It is a bare kernel thread: it has no thread-local storage, calls nothing of the C library, takes no signal,
// and the C library does not know of it. So it can be started from any malloc or free, cannot deadlock
// with what the program holds there, and does not keep a process alive.
public static unsafe class Purger
{
    internal const int Awake = 1;
    const int Absent = 0, Asleep = 2;
    const int StackBytes = 64 * Units.KiB;
    const int QuietVisits = 2;

    // A process gets the thread once it has this much to give back, or is so large that it may have.
    const long RetainedMinBytes = 2 * Units.MiB;
    const nuint CommittedMinBytes = 8 * Units.MiB;

    /// <summary>Told by slow paths that leave free memory behind. Cheap; wakes or starts the thread when that is worth it.</summary>
    public static void Nudge(HeapRoot* root)
    {
        // Pairs with `Sleep`: either the purger sees the nudge, or we see it asleep.
        if (Volatile.Read(ref root->PurgerNudges) == 0) Interlocked.Exchange(ref root->PurgerNudges, 1);
        int state = Volatile.Read(ref root->PurgerState);
        if (state != Awake) NudgeSlow(root, state);
    }

    static void NudgeSlow(HeapRoot* root, int state)
    {
        if (root->PurgeEnabled == 0) return;
        if (root->RetainedBytes < RetainedMinBytes && root->CommittedBytes < CommittedMinBytes) return;
        if (Interlocked.CompareExchange(ref root->PurgerState, Awake, state) != state) return;
        if (state == Asleep) Futex.WakeOne(&root->PurgerState);
        else if (!StartThread(root)) Volatile.Write(ref root->PurgerState, Absent);
    }

    /// <summary>Sends the purger on an errand at once, not in its time.</summary>
    public static void Hurry(HeapRoot* root, PurgerErrand errand)
    {
        if ((Volatile.Read(ref root->PurgerErrands) & (int)errand) != 0) return;
        Interlocked.Or(ref root->PurgerErrands, (int)errand);
        Nudge(root);
        Futex.WakeOne(&root->PurgerErrands);
    }

    static bool StartThread(HeapRoot* root)
    {
        if (root->PurgerStack == null) root->PurgerStack = OsMemory.Map(StackBytes);
        return root->PurgerStack != null && Host.StartThread(root->PurgerStack + StackBytes, &Run, root) >= 0;
    }

    [UnmanagedCallersOnly]
    static int Run(void* argument)
    {
        HeapRoot* root = (HeapRoot*)argument;
        fixed (byte* name = "lampyris-purge"u8) OsThread.SetName(name);
        bool canSeize = ProcessBarrier.Register();
        int quiet = 0;
        long due = OsClock.MonotonicMs + root->PurgeDelayMs;
        while (true)
        {
            long wait = due - OsClock.MonotonicMs;
            if (wait > 0) Futex.Wait(&root->PurgerErrands, 0, (int)wait);
            PurgerErrand errands = (PurgerErrand)Interlocked.Exchange(ref root->PurgerErrands, 0);
            if ((errands & PurgerErrand.FreeSlices) != 0) Squeeze.GiveBackAll(root);
            if ((errands & PurgerErrand.SleepersPages) != 0 && canSeize) VisitSleepers(root);
            // Also after an errand a visit has to come a delay after the last one: what it finds unchanged counts as idle.
            if (OsClock.MonotonicMs < due) continue;
            bool nudged = Interlocked.Exchange(ref root->PurgerNudges, 0) != 0;
            bool purged = Visit(root, idleOnly: true, canSeize);
            quiet = nudged || purged ? 0 : quiet + 1;
            if (quiet >= QuietVisits)
            {
                Sleep(root);
                quiet = 0;
            }
            due = OsClock.MonotonicMs + root->PurgeDelayMs;
        }
    }

    static void Sleep(HeapRoot* root)
    {
        Interlocked.Exchange(ref root->PurgerState, Asleep);
        if (Volatile.Read(ref root->PurgerNudges) != 0) Interlocked.CompareExchange(ref root->PurgerState, Awake, Asleep);
        while (Volatile.Read(ref root->PurgerState) == Asleep) Futex.Wait(&root->PurgerState, Asleep, -1);
    }

    /// <summary>One walk over all arenas: free slices, and with <paramref name="canSeize"/> pages of sleeping threads. True if anything went back, or will at the next visit.</summary>
    public static bool Visit(HeapRoot* root, bool idleOnly, bool canSeize)
    {
        long retained = 0;
        bool any = Walk(root, idleOnly, canSeize, slices: true, ref retained);
        Volatile.Write(ref root->RetainedBytes, retained);
        Squeeze.EndRound(root);
        return any;
    }

    /// <summary>A visit to the pages of threads that sleep or have ended only, idle or not.</summary>
    public static void VisitSleepers(HeapRoot* root)
    {
        long retained = 0;
        Walk(root, idleOnly: false, canSeize: true, slices: false, ref retained);
        Squeeze.EndRound(root);
    }

    static bool Walk(HeapRoot* root, bool idleOnly, bool canSeize, bool slices, ref long retained)
    {
        bool any = false;
        int self = OsThread.CurrentId();        // once: of a heap in which little goes back, it would be most of a visit
        root->PurgerVisit++;
        for (ThreadCache* cache = canSeize ? (ThreadCache*)Volatile.Read(ref root->Caches) : null; cache != null; cache = cache->NextCache)
        {
            EnterPurgeAs(root, self);
            any |= BinSeizure.Visit(root, cache, idleOnly);
            any |= ReadySeizure.Visit(root, cache);
            ExitPurge(root);
        }
        int arenas = Volatile.Read(ref root->ArenaCount);
        for (int i = 0; i < arenas; i++)
        {
            Arena* arena = *HeapRoot.ArenaAt(root, i);
            for (int index = 0; index < arena->SegmentCount; index++)
            {
                if (Volatile.Read(ref Arena.State(arena, index)->Dirty) == 0) continue;
                EnterPurgeAs(root, self);
                if (canSeize) any |= Seizure.Visit(root, arena, index, idleOnly);
                if (slices) any |= SlicePurge.Visit(root, arena, index, idleOnly, Segment.SliceCount, ref retained);
                ExitPurge(root);
            }
        }
        return any;
    }

    /// <summary>Keeps all purging out until <see cref="ExitPurge"/>; a fork does so too.</summary>
    public static void EnterPurge(HeapRoot* root) => EnterPurgeAs(root, OsThread.CurrentId());

    static void EnterPurgeAs(HeapRoot* root, int self)
    {
        root->PurgeLock.Enter();
        root->PurgeLockThreadId = self;
    }

    public static void ExitPurge(HeapRoot* root)
    {
        root->PurgeLockThreadId = 0;
        root->PurgeLock.Exit();
    }

    /// <summary>As <see cref="EnterPurge"/>, but false where it would have to wait.</summary>
    public static bool TryEnterPurge(HeapRoot* root)
    {
        if (!root->PurgeLock.TryEnter()) return false;
        root->PurgeLockThreadId = OsThread.CurrentId();
        return true;
    }

    /// <summary>In a child after fork, where the thread does not exist.</summary>
    public static void Forget(HeapRoot* root)
    {
        root->PurgerState = Absent;
        root->PurgerNudges = 0;
        root->PurgerErrands = 0;
        root->VisitedSegment = 0;
        root->NestedForks = 0;
        root->PurgeLockThreadId = 0;
        root->PurgeLock = default;
    }
}
