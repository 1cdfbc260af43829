using System.Runtime.CompilerServices;

namespace Lampyris;

// The malloc. The tour of one allocation and one free, and the files where each step lives:
//
//  1. `Allocate` (Allocate.cs): the request's size, in granules of 16 bytes, picks a bin from the thread's
//     cache (`Bin`, `ThreadCache`), and the bin's newest block is the answer. Nothing else: some twenty
//     instructions and one branch, which touch the cache and the block.
//  2. The bin has run out: `AllocateSlow` takes the cache's lock (nobody else wants it but the purger) and
//     fills the bin with the list of the first page of its class (`Bins`). Has that page run out too, it is refilled
//     (`PageFill`): from blocks that other threads have freed (`RemoteList`), from OS
//     pages given back earlier, or by carving the next untouched blocks. A page with none of these is
//     full and leaves its queue (`PageQueue`).
//  3. No page of the class has room: pages that others have freed into meanwhile (`Ready`), pages of ended
//     threads (`Abandonment`), or a fresh page: one or more slices of 16 KiB from the arenas
//     (`Slices`, `Arena`, `Region`, `Segment`).
//  4. More than 256 KiB is a run of slices of its own; from 32 MiB on, a mapping of its own (`LargeAllocation`).
//  5. `Free` (Free.cs): the address gives region and slice, and the slice's tag the class: the block goes first on
//     the bin's list. Is the bin full, it goes to its page: on the page's list, if that is this thread's,
//     else, with others of the same page (`Outbox`), on its remote list. The last live block of a page sends its slices back to the arena.
//  6. What stays free goes back to the system: `Purger` visits twice a second, while there is anything,
//     and purges slices that were free the last time too; `BinSeizure`, `Seizure` and `OsPagePurge` do the same for
//     the bins of sleeping threads and the OS pages inside their pages. A heap that grows does not wait for that: `Squeeze`.
//
// `HeapStats` tells what is there, `HeapCheck` whether it is whole.
public static unsafe partial class Heap
{
    /// <summary>Bytes; a request of this size or more is mapped alone.</summary>
    public const int HugeMinBytes = 32 * Units.MiB;

    /// <summary>Bytes; a request above it (PTRDIFF_MAX) is refused outright, as in the C library.</summary>
    public static nuint RequestMaxBytes => nuint.MaxValue >> 1;

    // `Seizure` counts on it that no thread sleeps inside a fast path. The runtime parks threads where they call and
    // return, and its first tier makes calls of what a later one inlines: fast paths skip that tier.
    const MethodImplOptions WithoutCalls = MethodImplOptions.AggressiveOptimization;

    static HeapRoot* s_root;
    static Bin* s_emptyBin;

    /// <summary>All global state; null until the first slow path.</summary>
    public static HeapRoot* Root
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_root;
    }

    /// <summary>A bin without blocks, which takes none: what a thread's table leads to while its bins are hidden.</summary>
    public static Bin* EmptyBin => s_emptyBin;

    /// <summary>Brings the heap up on first use; returns its root.</summary>
    public static HeapRoot* Start()
    {
        HeapRoot* root = s_root;
        return root != null && root->Initialized != 0 ? root : StartSlow();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static HeapRoot* StartSlow()
    {
        HeapRoot* root = (HeapRoot*)Host.RootStorage(HeapRoot.Bytes);
        root->InitializeLock.Enter();
        if (root->Initialized == 0)
        {
            s_emptyBin = *ThreadCache.Direct(EmptyCache.Get(), 0);
            Options.Read(root);
            root->ProcessId = OsThread.ProcessId();
            root->Version = HeapRoot.CurrentVersion;
            root->Magic = HeapSnapshot.MagicNumber;
            s_root = root;
            root->Initialized = 1;
            Host.HeapStarts();
        }
        root->InitializeLock.Exit();
        return root;
    }

    /// <summary>What every allocation that fails returns: null, with errno told.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* OutOfMemory(nuint bytes)
    {
        Sampling.Refused(Root, bytes);
        Host.SetErrno(Syscall.OutOfMemory);
        return null;
    }
}
