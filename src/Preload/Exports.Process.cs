using System.Runtime;

namespace Lampyris;

// What Process.c and ThreadState.c tell the heap.
static unsafe partial class Exports
{
    // ThreadState.c defines the empty cache with these figures. When false, this does not compile.
    const uint EmptyCacheAgrees = ThreadCache.BinsBytes == 2304 && Bin.Bytes == 32 && ThreadCache.DirectSlots == 66 && ThreadCache.HeaderBytes == 6656 ? 0 : -1;

    [RuntimeExport("lampyris_thread_ends")]
    static void ThreadEnds(ThreadCache* cache) => Heap.ThreadEnds(cache);

    [RuntimeExport("lampyris_before_fork")]
    static void BeforeFork()
    {
        Heap.BeforeFork();
        Recorder.BeforeFork();
    }

    [RuntimeExport("lampyris_after_fork_in_parent")]
    static void AfterForkInParent()
    {
        Recorder.AfterForkInParent();
        Heap.AfterForkInParent();
    }

    [RuntimeExport("lampyris_after_fork_in_child")]
    static void AfterForkInChild(ThreadCache* cache)
    {
        Heap.AfterForkInChild(cache);
        Recorder.AfterForkInChild();
    }

    [RuntimeExport("lampyris_process_ends")]
    static void ProcessEnds()
    {
        Recorder.Stop(EndReason.ProcessEnded);
        Heap.ProcessEnds();
    }
}
