using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

public static unsafe partial class Heap
{
    // Where the fast paths go on by a jump. Called by their symbols, which keeps them from being inlined: the attribute that does the same
    // would also keep them from jumping to the next method, and so give them a frame.
    [RuntimeImport("*", "lampyris_free_to_page"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void FreeToPage(void* address, ThreadCache* cache, Bin* bin);

    [RuntimeExport("lampyris_free_to_page")]
    static void FreeToPageExported(void* address, ThreadCache* cache, Bin* bin) =>
        PushToPage(address, cache, bin);

    [RuntimeImport("*", "lampyris_free_to_outbox"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void FreeToOutbox(void* address, ThreadCache* cache, Bin* bin);

    [RuntimeExport("lampyris_free_to_outbox")]
    static void FreeToOutboxExported(void* address, ThreadCache* cache, Bin* bin) =>
        GatherInOutbox(address, cache, bin);

    [RuntimeImport("*", "lampyris_allocate_medium"), MethodImpl(MethodImplOptions.InternalCall)]
    static extern void* AllocateMedium(nuint bytes, ThreadCache* cache);

    [RuntimeExport("lampyris_allocate_medium")]
    static void* AllocateMediumExported(nuint bytes, ThreadCache* cache) => TakeMedium(bytes, cache);
}
