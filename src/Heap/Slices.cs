using System.Numerics;
using System.Threading;

namespace Lampyris;

/// <summary>Slices in a row, as handed out by `Slices`.</summary>
public unsafe struct SliceRun
{
    public Segment* Segment;
    public int First;           // 1..63
    public int Count;           // slices; past 63 they run on through the following segments
    public int DirtyCount;      // slices of it that may hold other than zeros, and are backed by memory

    /// <summary>All zeros: no one has written there since the system gave it.</summary>
    public readonly bool IsClean => DirtyCount == 0;

    public readonly byte* Start => Lampyris.Segment.SliceAddress(Segment, (nuint)First);
}

// Hands out slices, first fit by address but for what is backed, so that what is in use gathers at the low end and the rest can go
// back. Without locks: a run is taken by one compare-and-swap on its segment's word. A lock is taken
// to add an arena only.
public static unsafe partial class Slices
{
    // Slices of a segment whose tags share a cache line.
    const int GroupSlices = 16;

    // Runs as short as most pages' take memory that is backed already before what lies lower: that would cost page faults, while
    // this lies idle. Longer runs gain nothing by it.
    const int BackedFirstMaxCount = 2;
    const int MaxBackedLooks = 64;          // at the states of segments

    /// <summary>The longest run that fits into each segment, also into the first of a region.</summary>
    public const int MaxInSegment = Segment.SliceCount - Region.HeaderSliceCount;

    /// <summary>Takes a run of 1..62 slices whose first lies at a multiple of <paramref name="alignment"/> slices (a power of two; together at most 64). False when memory is refused.</summary>
    public static bool TryTake(HeapRoot* root, int count, int alignment, out SliceRun run) => TryTake(root, count, alignment, 0, out run, out _);

    /// <summary>As above, and up to <paramref name="more"/> other slices of the same group of 16: <paramref name="others"/>, not in use yet, see <see cref="Use"/>.</summary>
    public static bool TryTake(HeapRoot* root, int count, int alignment, int more, out SliceRun run, out ulong others)
    {
        bool backedFirst = count <= BackedFirstMaxCount && root->RetainedBytes >= (long)count * Segment.SliceBytes;
        while (true)
        {
            int arenas = Volatile.Read(ref root->ArenaCount);
            if ((backedFirst && TryTakeFromAny(root, arenas, count, alignment, more, backed: true, out run, out others)) ||
                TryTakeFromAny(root, arenas, count, alignment, more, backed: false, out run, out others))
            {
                Taken(root, run, others);
                return true;
            }
            // Even an arena of less than a segment has to hold a run that begins at the first aligned slice.
            if (!Grow(root, arenas, 1, alignment + count - 1)) return false;
        }
    }

    /// <summary>
    /// Takes a run, and up to <paramref name="more"/> other slices, <paramref name="among"/> some of a segment: those that are free and have
    /// memory behind them. False where these have no such run.
    /// </summary>
    public static bool TryTakeAmong(HeapRoot* root, Arena* arena, int index, ulong among, int count, int more, out SliceRun run, out ulong others)
    {
        ulong usable = among & FreeSlices(arena, index, backed: true);
        int first = usable == 0 ? -1 : Bits.FindRun(usable, count, 1);
        run = default;
        others = 0;
        if (first < 0) return false;
        others = Lowest(usable & ~Bits.Run(first, count), more);
        if (!TryTakeRun(arena, index, first, count, others, out run)) return false;
        Taken(root, run, others);
        return true;
    }

    /// <summary>Takes slices into use that the caller has: they will be written to.</summary>
    public static SliceRun Use(HeapRoot* root, Segment* segment, int first, int count)
    {
        SliceRun run = default;
        run.Segment = segment;
        run.First = first;
        run.Count = count;
        run.DirtyCount = Claim(Segment.State(segment), Bits.Run(first, count));
        if (run.DirtyCount < count) Squeeze.Grown(root, (nuint)(count - run.DirtyCount) * Segment.SliceBytes);
        return run;
    }

    /// <summary>Gives slices back: free at once, their memory kept until the purger finds them idle.</summary>
    public static void Return(HeapRoot* root, Segment* segment, int first, int count)
    {
        if (first + count <= Segment.SliceCount) Return(root, segment, Bits.Run(first, count));
        else ReturnSegments(root, segment, first, count, used: count);
    }

    /// <summary>Gives slices of one segment back, a bit each.</summary>
    public static void Return(HeapRoot* root, Segment* segment, ulong slices)
    {
        Arena* arena = Segment.ArenaOf(segment, out int index);
        SegmentState* state = Arena.State(arena, index);
        Interlocked.Add(ref root->RetainedBytes, (long)BitOperations.PopCount(slices & Volatile.Read(ref state->Dirty)) * Segment.SliceBytes);
        Atomic.Add(ref root->CommittedBytes, 0 - (nuint)BitOperations.PopCount(slices) * Segment.SliceBytes);
        // Pairs with the compare-and-swap that takes: all that was written in the slices is over.
        Interlocked.And(ref state->Used, ~slices);
        Arena.LowerHint(arena, index);
        Purger.Nudge(root);
    }

    static bool TryTakeFromAny(HeapRoot* root, int arenas, int count, int alignment, int more, bool backed, out SliceRun run, out ulong others)
    {
        int looks = backed ? MaxBackedLooks : int.MaxValue;
        for (int i = 0; i < arenas; i++)
            if (TryTakeFrom(*HeapRoot.ArenaAt(root, i), count, alignment, more, backed, ref looks, out run, out others)) return true;
        run = default;
        others = 0;
        return false;
    }

    static bool TryTakeFrom(Arena* arena, int count, int alignment, int more, bool backed, ref int looks, out SliceRun run, out ulong others)
    {
        ulong hint = Volatile.Read(ref arena->Hint);
        bool passedFree = false;                        // a free run too short or not aligned was left behind
        for (int index = (int)(uint)hint; index < arena->SegmentCount && looks > 0; index++, looks--)
        {
            ulong free = FreeSlices(arena, index, backed);
            while (free != 0)
            {
                int first = Bits.FindRun(free, count, alignment);
                if (first < 0) break;
                others = Lowest(free & ~Bits.Run(first, count) & Bits.Run(first & -GroupSlices, GroupSlices), more);
                if (TryTakeRun(arena, index, first, count, others, out run))
                {
                    if (!passedFree && !backed && index > (int)(uint)hint)
                        Interlocked.CompareExchange(ref arena->Hint, hint & ~(ulong)uint.MaxValue | (uint)index, hint);
                    return true;
                }
                free = FreeSlices(arena, index, backed);
            }
            passedFree |= free != 0;
        }
        run = default;
        others = 0;
        return false;
    }

    static ulong FreeSlices(Arena* arena, int index, bool backed) =>
        Arena.FreeSlices(arena, index) & (backed ? Volatile.Read(ref Arena.State(arena, index)->Dirty) : ulong.MaxValue);

    // Takes slices of a segment that were seen to be free: a run, and others. False if somebody was faster.
    static bool TryTakeRun(Arena* arena, int index, int first, int count, ulong others, out SliceRun run)
    {
        SegmentState* state = Arena.State(arena, index);
        ulong wanted = Bits.Run(first, count), used = Volatile.Read(ref state->Used);
        run = default;
        if ((used & (wanted | others)) != 0 || Interlocked.CompareExchange(ref state->Used, used | wanted | others, used) != used) return false;
        if ((others & Volatile.Read(ref state->Idle)) != 0) Interlocked.And(ref state->Idle, ~others);
        run.Segment = Arena.SegmentAt(arena, index);
        run.First = first;
        run.Count = count;
        run.DirtyCount = Claim(state, wanted);
        return true;
    }

    // The lowest `most` of some slices.
    static ulong Lowest(ulong slices, int most)
    {
        ulong lowest = 0;
        for (; slices != 0 && most > 0; slices &= slices - 1, most--) lowest |= slices & 0 - slices;
        return lowest;
    }

    // Notes that slices just taken will be written to; returns how many of them were dirty before.
    static int Claim(SegmentState* state, ulong wanted)
    {
        ulong dirty = Reserve(state, wanted);
        if (dirty != wanted) Interlocked.Or(ref state->Dirty, wanted | 1);
        return BitOperations.PopCount(dirty & Segment.AllSlices);
    }

    // Notes that slices are taken, though perhaps not written to; returns those that are dirty.
    static ulong Reserve(SegmentState* state, ulong wanted)
    {
        ulong dirty = Volatile.Read(ref state->Dirty) & wanted;
        if ((Volatile.Read(ref state->Idle) & wanted) != 0) Interlocked.And(ref state->Idle, ~wanted);
        return dirty;
    }

    static void Taken(HeapRoot* root, in SliceRun run, ulong others)
    {
        int dirtyCount = run.DirtyCount;
        if (others != 0) dirtyCount += BitOperations.PopCount(others & Segment.State(run.Segment)->Dirty);
        Taken(root, run.Count + BitOperations.PopCount(others), run.Count - run.DirtyCount, dirtyCount);
    }

    // Of `count` slices, some were fresh, without memory behind them, and some dirty, retained until now.
    static void Taken(HeapRoot* root, int count, int freshCount, int dirtyCount)
    {
        nuint committed = Atomic.Add(ref root->CommittedBytes, (nuint)count * Segment.SliceBytes);
        if (committed > Volatile.Read(ref root->PeakCommittedBytes)) HeapStats.RaisePeak(ref root->PeakCommittedBytes, committed);
        if (dirtyCount != 0) Interlocked.Add(ref root->RetainedBytes, 0 - (long)dirtyCount * Segment.SliceBytes);
        if (freshCount != 0) Squeeze.Grown(root, (nuint)freshCount * Segment.SliceBytes);
    }

    // False when the system refuses; true also when another thread grew meanwhile.
    static bool Grow(HeapRoot* root, int arenasSeen, int segments, int slices)
    {
        root->GrowLock.Enter();
        bool grown = root->ArenaCount != arenasSeen || Arena.Grow(root, segments, slices);
        root->GrowLock.Exit();
        return grown;
    }
}
