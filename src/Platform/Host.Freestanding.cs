using System.Runtime.InteropServices;

namespace Lampyris;

// What the heap asks of the C library and of the C half of the .so.
public static unsafe class Host
{
    [DllImport("*", EntryPoint = "lampyris_set_errno"), SuppressGCTransition]
    public static extern void SetErrno(int error);

    [DllImport("*", EntryPoint = "lampyris_abort"), SuppressGCTransition]
    public static extern void Abort();

    [DllImport("*", EntryPoint = "lampyris_getenv"), SuppressGCTransition]
    public static extern byte* GetEnvironment(byte* name);

    /// <summary>Zeroed bytes that live as long as the process; in the .so they are the exported `lampyris_root`.</summary>
    [DllImport("*", EntryPoint = "lampyris_get_root"), SuppressGCTransition]
    public static extern void* RootStorage(nuint bytes);

    /// <summary>The cache that every thread starts with, all of whose lists are empty.</summary>
    [DllImport("*", EntryPoint = "lampyris_get_empty_cache"), SuppressGCTransition]
    public static extern void* EmptyCache();

    [DllImport("*", EntryPoint = "lampyris_set_cache"), SuppressGCTransition]
    public static extern void SetThreadCache(void* cache);

    /// <summary>Makes sure that the end of the calling thread is seen. May allocate from this heap.</summary>
    [DllImport("*", EntryPoint = "lampyris_thread_started"), SuppressGCTransition]
    public static extern void WatchThreadEnd(void* cache, uint attachment);

    /// <summary>The heap is up, its lock still held: layers above may look after themselves. Must not allocate.</summary>
    [DllImport("*", EntryPoint = "lampyris_heap_starts"), SuppressGCTransition]
    public static extern void HeapStarts();

    /// <summary>Marks the calling thread as inside the profiler. False: it is already, in a signal handler that interrupted it.</summary>
    [DllImport("*", EntryPoint = "lampyris_enter_recorder"), SuppressGCTransition]
    public static extern byte TryEnterRecorder();

    [DllImport("*", EntryPoint = "lampyris_exit_recorder"), SuppressGCTransition]
    public static extern void ExitRecorder();

    /// <summary>The calling thread's.</summary>
    [DllImport("*", EntryPoint = "lampyris_known_name"), SuppressGCTransition]
    public static extern KnownName* KnownName();

    /// <summary>As <see cref="OsClock.Ns"/>, without a system call; by the C library.</summary>
    [DllImport("*", EntryPoint = "lampyris_clock_ns"), SuppressGCTransition]
    public static extern ulong ClockNs(int clock);

    /// <summary>Starts a thread of no concern to the C library, with all signals blocked; it may use system calls only. Negative when refused.</summary>
    [DllImport("*", EntryPoint = "lampyris_start_thread"), SuppressGCTransition]
    public static extern int StartThread(byte* stackTop, delegate* unmanaged<void*, int> entry, void* argument);
}
