using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

public static unsafe partial class Heap
{
    // Called by its symbol, which keeps it from being inlined: the attribute that does the same would also
    // keep it from jumping to the next method, and so give it a frame.
    [RuntimeImport("*", "lampyris_free_to_page"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void FreeToPage(void* address, Segment* segment, nuint slice, ThreadCache* cache, Bin* bin);

    [RuntimeExport("lampyris_free_to_page")]
    static void FreeToPageExported(void* address, Segment* segment, nuint slice, ThreadCache* cache, Bin* bin) =>
        PushToPage(address, segment, slice, cache, bin);

    [RuntimeImport("*", "lampyris_free_to_outbox"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void FreeToOutbox(void* address, Segment* segment, nuint slice, ThreadCache* cache, Bin* bin);

    [RuntimeExport("lampyris_free_to_outbox")]
    static void FreeToOutboxExported(void* address, Segment* segment, nuint slice, ThreadCache* cache, Bin* bin) =>
        GatherInOutbox(address, segment, slice, cache, bin);
}
