using System.Runtime.CompilerServices;

namespace Lampyris;

// Which bin a block goes to is read from its segment, and which block malloc gives out next from the bin: where a program
// frees what it has just allocated, each call waits for the one before, some 20 cycles a pair. So where free gets the block that malloc
// gave out last, it goes on with that one's bin while the processor checks it. The preloaded malloc does without: there, free would
// have a frame, or a jump more for all other blocks.
public static unsafe partial class Heap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void NoteLast(ThreadCache* cache, Bin* bin, Block* block)
    {
        *ThreadCache.LastBlock(cache) = block;
        *ThreadCache.LastBin(cache) = bin;
    }

    /// <summary>The bin for a block whose segment names the bin at <paramref name="offset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Bin* BinFor(void* block, ThreadCache* cache, uint offset)
    {
        Bin* last = *ThreadCache.LastBin(cache);
        // Both, as the address may have become another page's since. A guess by the bin alone would be wrong too often to pay.
        nint otherwise = ((nint)block ^ (nint)(*ThreadCache.LastBlock(cache))) | ((nint)cache + (nint)offset ^ (nint)last);
        return otherwise != 0 ? BinAt(cache, offset) : last;
    }
}
