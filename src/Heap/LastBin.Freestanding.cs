using System.Runtime.CompilerServices;

namespace Lampyris;

public static unsafe partial class Heap
{
    // See LastBin.Jit.cs.
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void NoteLastBin(ThreadCache* cache, Bin* bin) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Bin* BinAt(ThreadCache* cache, uint offset) => AnyBinAt(cache, offset);
}
