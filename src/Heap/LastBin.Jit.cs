using System.Runtime.CompilerServices;

namespace Lampyris;

// Which bin a block goes to is read from its segment, and which block malloc gives out next from the bin: where a program
// frees what it has just allocated, each call waits for the one before, some 20 cycles a pair. So free guesses that it is the bin
// that malloc took the last block from, and goes on while the processor checks it. In the preloaded malloc, two branches more
// would cost a frame.
public static unsafe partial class Heap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static void NoteLastBin(ThreadCache* cache, Bin* bin) => *ThreadCache.LastBin(cache) = bin;

    [MethodImpl(MethodImplOptions.AggressiveInlining | WithoutCalls)]
    static Bin* BinAt(ThreadCache* cache, uint offset)
    {
        Bin* guess = *ThreadCache.LastBin(cache);
        return (byte*)guess != (byte*)cache + offset ? AnyBinAt(cache, offset) : guess;
    }
}
