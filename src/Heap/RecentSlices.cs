using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>Slices of one segment that a thread has given back. They may be anybody's since.</summary>
/// <remarks>
/// A thread that needs slices takes these first: they are in its own processor's cache, if in any. Where threads took the lowest ones, as
/// they come, the memory of two that fill and empty in turn went back and forth between their processors. Nothing is held for it. All
/// under the cache's lock.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct RecentSlices
{
    public const int Bytes = 24;

    /// <summary>Segments that a thread remembers. A power of two.</summary>
    public const int PerThread = 32;
    const uint IsAPowerOfTwo = (PerThread & PerThread - 1) == 0 ? 0 : -1;

    public Arena* Arena;        // the segment by its number: its header may be the inside of a block by now
    public ulong Slices;        // 0: nothing is known
    public int Index;

    /// <summary>Notes slices that are about to go back.</summary>
    public static void Remember(ThreadCache* cache, Segment* segment, ulong slices)
    {
        Arena* arena = Segment.ArenaOf(segment, out int index);
        RecentSlices* recent = null;
        for (uint age = 0; age < PerThread && recent == null; age++)
        {
            RecentSlices* look = ThreadCache.Recent(cache, cache->RecentNext - 1 - age);
            if (look->Arena == arena && look->Index == index) recent = look;
        }
        if (recent == null)
        {
            recent = ThreadCache.Recent(cache, cache->RecentNext++);
            recent->Arena = arena;
            recent->Index = index;
            recent->Slices = 0;
        }
        recent->Slices |= slices;
    }

    /// <summary>Takes a run, and up to <paramref name="more"/> other slices of the same segment, the newest that nobody has. False: there are none.</summary>
    public static bool TryTake(HeapRoot* root, ThreadCache* cache, int count, int more, out SliceRun run, out ulong others)
    {
        for (uint age = 0; age < PerThread; age++)
        {
            RecentSlices* recent = ThreadCache.Recent(cache, cache->RecentNext - 1 - age);
            if (recent->Slices == 0) continue;
            if (Lampyris.Slices.TryTakeAmong(root, recent->Arena, recent->Index, recent->Slices, count, more, out run, out others))
            {
                recent->Slices &= ~(Bits.Run(run.First, count) | others);
                return true;
            }
            recent->Slices = 0;         // others were faster, or the purger
        }
        run = default;
        others = 0;
        return false;
    }
}
