using System.Runtime.CompilerServices;

namespace Lampyris;

public static unsafe partial class Heap
{
    // See LastBlock.Jit.cs.
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void NoteLast(ThreadCache* cache, Bin* bin, Block* block) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Bin* BinFor(void* block, ThreadCache* cache, uint offset) => BinAt(cache, offset);
}
