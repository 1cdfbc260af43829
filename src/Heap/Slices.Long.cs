using System.Numerics;
using System.Threading;

namespace Lampyris;

// Runs that a large block grows along, and runs of several segments. The latter end with a segment: what they cover of the
// segments' headers is made anew when they are given back. The slices of a run that its block has not reached yet are its room:
// address space that nobody else gets.
public static unsafe partial class Slices
{
    /// <summary>
    /// Takes <paramref name="count"/> slices, 64 and up, that end with a segment: the last ones of one segment and
    /// all of those behind it, their headers included. One or two slices more where the first segment would have none, or more
    /// than fit into each.
    /// False when memory is refused.
    /// </summary>
    public static bool TryTakeSegments(HeapRoot* root, int count, out SliceRun run)
    {
        while (count % Segment.SliceCount is 0 or > MaxInSegment) count++;
        int whole = count / Segment.SliceCount;
        while (true)
        {
            int arenas = Volatile.Read(ref root->ArenaCount);
            for (int i = 0; i < arenas; i++)
            {
                if (!TryTakeSegmentsFrom(root, *HeapRoot.ArenaAt(root, i), whole, count, out run)) continue;
                Taken(root, count, count - whole - run.DirtyCount, run.DirtyCount);      // headers are not counted as backed
                return true;
            }
            if (!Grow(root, arenas, whole + 1, Segment.SliceCount))
            {
                run = default;
                return false;
            }
        }
    }

    /// <summary>
    /// Makes a run longer: it has <paramref name="count"/> slices and is to have <paramref name="wanted"/> or more, of which
    /// <see cref="UseMore"/> takes into use what is needed. Beyond its first segment it goes on to the end of another one.
    /// False when those slices are not free: it is as it was.
    /// </summary>
    public static bool TryExtend(HeapRoot* root, Segment* segment, int first, int wanted, ref int count)
    {
        Arena* arena = Segment.ArenaOf(segment, out int index);
        int end = first + count;
        int had = (end - 1) / Segment.SliceCount, needed = (first + wanted - 1) / Segment.SliceCount;       // segments behind the first
        if (index + needed >= arena->SegmentCount) return false;
        ulong behind = had > 0 || end == Segment.SliceCount ? 0 : needed > 0 ? Bits.Run(end, Segment.SliceCount - end) : Bits.Run(end, wanted - count);
        if (behind != 0 && !TryTakeFree(arena, index, behind)) return false;
        int taken = had;
        while (taken < needed && TryTakeWhole(root, arena, index + taken + 1)) taken++;
        if (taken < needed)
        {
            for (; taken > had; taken--) GiveUp(arena, index + taken, ulong.MaxValue);
            if (behind != 0) GiveUp(arena, index, behind);
            return false;
        }
        int dirty = BitOperations.PopCount(Reserve(Arena.State(arena, index), behind));
        for (int i = had + 1; i <= needed; i++) dirty += BitOperations.PopCount(Reserve(Arena.State(arena, index + i), Segment.AllSlices));
        if (dirty != 0) Interlocked.Add(ref root->RetainedBytes, 0 - (long)dirty * Segment.SliceBytes);
        count = needed > 0 ? (needed + 1) * Segment.SliceCount - first : wanted;
        return true;
    }

    /// <summary>Takes slices of a run's room into use, <paramref name="first"/> counted from its first segment's.</summary>
    public static void UseMore(HeapRoot* root, Segment* segment, int first, int count)
    {
        Arena* arena = Segment.ArenaOf(segment, out int index);
        int fresh = count;
        for (int at = first, end = first + count; at < end;)
        {
            int slice = at % Segment.SliceCount, length = Segment.SliceCount - slice;
            if (length > end - at) length = end - at;
            fresh -= Claim(Arena.State(arena, index + at / Segment.SliceCount), Bits.Run(slice, length));
            if (slice == 0) fresh--;
            at += length;
        }
        Taken(root, count, fresh, 0);
    }

    /// <summary>
    /// Gives the slices of several segments back, of which as many as <paramref name="used"/> were in use; but for the first
    /// <paramref name="keep"/>, which end with a segment.
    /// </summary>
    public static void ReturnSegments(HeapRoot* root, Segment* segment, int first, int count, int used, int keep = 0)
    {
        Arena* arena = Segment.ArenaOf(segment, out int index);
        int segments = (first + count) / Segment.SliceCount, kept = keep == 0 ? 0 : (first + keep) / Segment.SliceCount;
        ulong inFirst = kept == 0 ? Bits.Run(first, Segment.SliceCount - first) : 0;
        int dirty = BitOperations.PopCount(Volatile.Read(ref Arena.State(arena, index)->Dirty) & inFirst);
        int behind = kept == 0 ? 1 : kept;
        for (int i = behind; i < segments; i++)
        {
            dirty += BitOperations.PopCount(Volatile.Read(ref Arena.State(arena, index + i)->Dirty) & Segment.AllSlices);
            // The first slices of the segments it ran through hold data of the block. They are headers again, and the rest
            // of them, which no bit of `Dirty` stands for, has to read as zero for the next such block.
            if (i * Segment.SliceCount < first + used) RawMemory.Clear(Arena.SegmentAt(arena, index + i), Segment.SliceBytes);
        }
        Interlocked.Add(ref root->RetainedBytes, (long)dirty * Segment.SliceBytes);
        if (used > keep) Atomic.Add(ref root->CommittedBytes, 0 - (nuint)(used - keep) * Segment.SliceBytes);
        for (int i = behind; i < segments; i++) Volatile.Write(ref Arena.State(arena, index + i)->Used, 0);
        if (inFirst != 0) Interlocked.And(ref Arena.State(arena, index)->Used, ~inFirst);
        Arena.LowerHint(arena, index + kept);
        Purger.Nudge(root);
    }

    static bool TryTakeSegmentsFrom(HeapRoot* root, Arena* arena, int whole, int count, out SliceRun run)
    {
        run = default;
        run.First = Segment.SliceCount - count % Segment.SliceCount;
        run.Count = count;
        ulong head = Bits.Run(run.First, count % Segment.SliceCount);
        for (int index = (int)(uint)Volatile.Read(ref arena->Hint); index + whole < arena->SegmentCount; index++)
        {
            if ((Arena.FreeSlices(arena, index) & head) != head) continue;
            int taken = 0;
            while (taken < whole && TryTakeWhole(root, arena, index + 1 + taken)) taken++;
            if (taken < whole || !TryTakeFree(arena, index, head))
            {
                for (int i = 1; i <= taken; i++) GiveUp(arena, index + i, ulong.MaxValue);
                if (taken < whole) index += taken;
                continue;
            }
            run.Segment = Arena.SegmentAt(arena, index);
            run.DirtyCount = Claim(Arena.State(arena, index), head);
            for (int i = 1; i <= whole; i++)
            {
                // What was the header becomes part of the block and has to read as zero like the rest.
                SegmentState* state = Arena.State(arena, index + i);
                if ((Volatile.Read(ref state->Dirty) & 1) != 0)
                    RawMemory.Clear(Arena.SegmentAt(arena, index + i), Segment.HeaderBytes);
                run.DirtyCount += Claim(state, ulong.MaxValue);
            }
            return true;
        }
        return false;
    }

    // A segment with its header, which becomes the inside of a block. Not one whose header the purger reads, see `Seizure`.
    static bool TryTakeWhole(HeapRoot* root, Arena* arena, int index)
    {
        if (Interlocked.CompareExchange(ref Arena.State(arena, index)->Used, ulong.MaxValue, 0) != 0) return false;
        if (Volatile.Read(ref root->VisitedSegment) != (nint)Arena.SegmentAt(arena, index)) return true;
        GiveUp(arena, index, ulong.MaxValue);
        return false;
    }

    // Slices of one segment, if nobody has any of them.
    static bool TryTakeFree(Arena* arena, int index, ulong wanted)
    {
        if ((wanted & ~arena->ValidSlices) != 0) return false;
        SegmentState* state = Arena.State(arena, index);
        ulong used = Volatile.Read(ref state->Used);
        return (used & wanted) == 0 && Interlocked.CompareExchange(ref state->Used, used | wanted, used) == used;
    }

    // Slices that were taken a moment ago, and not written to.
    static void GiveUp(Arena* arena, int index, ulong taken)
    {
        Interlocked.And(ref Arena.State(arena, index)->Used, ~taken);
        Arena.LowerHint(arena, index);
    }
}
