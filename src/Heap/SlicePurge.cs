using System.Numerics;
using System.Threading;

namespace Lampyris;

// Purges free slices. While it does, it holds them as an allocation would, so nobody else can.
public static unsafe class SlicePurge
{
    /// <summary>
    /// Purges the free slices of a segment, the highest <paramref name="most"/> of them; with <paramref name="idleOnly"/>,
    /// of those that were free at the last visit too.
    /// Adds what stays to <paramref name="retained"/>. True if something was purged, or waits for the next visit; what the
    /// system refuses to take (locked memory) is tried again only when something else has changed.
    /// </summary>
    public static bool Visit(HeapRoot* root, Arena* arena, int index, bool idleOnly, int most, ref long retained)
    {
        SegmentState* state = Arena.State(arena, index);
        ulong dirty = Volatile.Read(ref state->Dirty);
        ulong waiting = dirty & Arena.FreeSlices(arena, index);
        ulong ripe = idleOnly ? waiting & Volatile.Read(ref state->Idle) : waiting;
        while (BitOperations.PopCount(ripe) > most) ripe &= ripe - 1;
        bool any = (waiting & ~ripe) != 0;
        if (Volatile.Read(ref state->Used) == 0 && ripe == waiting) any |= PurgeSegment(root, arena, index);
        else if (ripe != 0) any |= PurgeSlices(root, arena, index, ripe, withHeaders: idleOnly);
        waiting = Volatile.Read(ref state->Dirty) & Arena.FreeSlices(arena, index);
        if (waiting != 0) Interlocked.Or(ref state->Idle, waiting);
        retained += (long)BitOperations.PopCount(waiting) * Segment.SliceBytes;
        return any;
    }

    static bool PurgeSlices(HeapRoot* root, Arena* arena, int index, ulong ripe, bool withHeaders)
    {
        SegmentState* state = Arena.State(arena, index);
        ulong used = Volatile.Read(ref state->Used);
        ripe &= ~used;
        ulong spare = withHeaders ? OfSpareHeaderPages(used, ripe) : 0;
        if (Interlocked.CompareExchange(ref state->Used, used | ripe | spare, used) != used) return true;   // busy: next visit
        Segment* segment = Arena.SegmentAt(arena, index);
        ulong purged = 0;
        for (ulong rest = ripe; rest != 0;)
        {
            int first = BitOperations.TrailingZeroCount(rest);
            int count = Bits.RunLength(rest, first);
            ulong run = Bits.Run(first, count);
            if (OsMemory.Purge(Segment.SliceAddress(segment, (nuint)first), (nuint)count * Segment.SliceBytes)) purged |= run;
            rest &= ~run;
        }
        for (int osPage = 0; osPage < Segment.HeaderOsPages; osPage++)
            if ((spare & Segment.SlicesOfHeaderPage(osPage)) != 0) OsMemory.Purge((byte*)segment + osPage * OsMemory.OsPage, OsMemory.OsPage);
        Interlocked.And(ref state->Dirty, ~purged);
        Interlocked.And(ref state->Idle, ~ripe);
        Interlocked.And(ref state->Used, ~(ripe | spare));
        Arena.LowerHint(arena, index);
        Count(root, purged);
        return purged != 0;
    }

    // OS pages of the segment's header that describe no slice in use go back with the slices: after a burst, one live block
    // in each segment would keep all of its headers besides. Returns the slices that those describe of which some are ripe.
    static ulong OfSpareHeaderPages(ulong used, ulong ripe)
    {
        ulong spare = 0;
        for (int osPage = 0; osPage < Segment.HeaderOsPages; osPage++)
        {
            ulong described = Segment.SlicesOfHeaderPage(osPage);
            if ((used & described) == 0 && (ripe & described) != 0) spare |= described;
        }
        return spare;
    }

    // A segment in which nothing is used goes back with its header.
    static bool PurgeSegment(HeapRoot* root, Arena* arena, int index)
    {
        SegmentState* state = Arena.State(arena, index);
        if (Interlocked.CompareExchange(ref state->Used, ulong.MaxValue, 0) != 0) return true;   // busy: next visit
        ulong dirty = state->Dirty;
        byte* segment = (byte*)Arena.SegmentAt(arena, index);
        nuint bytes = (nuint)(64 - BitOperations.LeadingZeroCount(arena->ValidSlices)) * Segment.SliceBytes;
        bool purged = OsMemory.Purge(segment, bytes);
        if (purged) state->Dirty = state->Idle = 0;
        Volatile.Write(ref state->Used, 0);
        Arena.LowerHint(arena, index);
        if (purged) Count(root, dirty & Segment.AllSlices);
        return purged;
    }

    static void Count(HeapRoot* root, ulong purged)
    {
        long bytes = (long)BitOperations.PopCount(purged) * Segment.SliceBytes;
        Atomic.Add(ref root->PurgedBytes, (nuint)bytes);
        Interlocked.Add(ref root->BackedBytes, -bytes);
        Interlocked.Add(ref root->RetainedBytes, -bytes);
    }
}
