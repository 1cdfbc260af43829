namespace Lampyris;

// How a layer above, the profiler's recorder, watches the heap, which knows nothing of it: functions that `Watch` sets
// before anything is picked. None of them is called while no profile is taken.
public static unsafe class HeapObserver
{
    static delegate*<void*, nuint, nuint, void> s_picked;
    static delegate*<void*, void> s_freed;
    static delegate*<nuint, void> s_refused;
    static delegate*<HeapRoot*, void> s_requested;

    /// <summary>Sets who watches; before the first interval is set, once.</summary>
    /// <param name="picked">an allocation was picked: block, bytes asked for, bytes of the block; on its thread, with no lock of the heap's held</param>
    /// <param name="freed">a block that was picked is about to be freed; any thread</param>
    /// <param name="refused">memory was refused: bytes asked for</param>
    /// <param name="requested">`HeapRoot.ProfileRequest` is set; any thread</param>
    public static void Watch(delegate*<void*, nuint, nuint, void> picked, delegate*<void*, void> freed, delegate*<nuint, void> refused, delegate*<HeapRoot*, void> requested)
    {
        s_picked = picked;
        s_freed = freed;
        s_refused = refused;
        s_requested = requested;
    }

    internal static void Picked(void* block, nuint bytes, nuint blockBytes) => s_picked(block, bytes, blockBytes);

    internal static void Freed(void* block) => s_freed(block);

    internal static void Refused(nuint bytes) => s_refused(bytes);

    internal static void Requested(HeapRoot* root)
    {
        if (s_requested != null) s_requested(root);
    }
}
