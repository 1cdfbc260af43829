using System.Runtime.CompilerServices;

namespace Lampyris;

public static unsafe partial class Heap
{
    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void FreeToPage(void* address, ThreadCache* cache, Bin* bin) =>
        PushToPage(address, cache, bin);

    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void FreeToOutbox(void* address, ThreadCache* cache, Bin* bin) =>
        GatherInOutbox(address, cache, bin);

    [MethodImpl(MethodImplOptions.NoInlining | WithoutCalls)]
    static void* AllocateMedium(nuint bytes, ThreadCache* cache) => TakeMedium(bytes, cache);
}
