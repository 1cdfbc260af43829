using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>What is known of a segment's slices, one bit each. All zero: free and never touched.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SegmentState
{
    public ulong Used;      // given out; any thread, by compare-and-swap
    public ulong Dirty;     // may be backed by memory and hold other than zeros; by `Interlocked`
    public ulong Idle;      // free and dirty at the purger's last visit; set by the purger, cleared by who takes the slice
    public ulong Reserved;
}

// A stretch of address space, cut into segments. Its header, with one `SegmentState` a segment, has a small
// mapping of its own. Arenas are never unmapped: what goes back to the system
// is the memory behind them.
[StructLayout(LayoutKind.Explicit)]
public unsafe struct Arena
{
    public const int MaxSegments = (int)(Units.GiB / Segment.Bytes);
    const int StatesOffset = 128;

    [FieldOffset(0)] public Segment* Segments;
    [FieldOffset(8)] public int SegmentCount;
    [FieldOffset(16)] public ulong ValidSlices;             // what of a segment is mapped; less than all only in an arena of one
    /// <summary>
    /// Low half: no segment below this index has a free slice. High half: how often a slice was freed,
    /// so that a search cannot raise the index past a slice that came free behind its back.
    /// </summary>
    [FieldOffset(64)] public ulong Hint;                     // beside nothing that is only read

    /// <summary>Bytes of an arena's header.</summary>
    public static nuint HeaderBytes(int segmentCount) => StatesOffset + (nuint)segmentCount * 32;

    public static SegmentState* State(Arena* arena, int index) => (SegmentState*)((byte*)arena + StatesOffset) + index;

    public static Segment* SegmentAt(Arena* arena, int index) => (Segment*)((byte*)arena->Segments + (nuint)index * Segment.Bytes);

    /// <summary>Slices of a segment that nobody has.</summary>
    public static ulong FreeSlices(Arena* arena, int index) =>
        ~Volatile.Read(ref State(arena, index)->Used) & arena->ValidSlices;

    /// <summary>Tells searches that segment <paramref name="index"/> has free slices again.</summary>
    public static void LowerHint(Arena* arena, int index)
    {
        ulong seen = Volatile.Read(ref arena->Hint);
        while (true)
        {
            uint lowest = (uint)seen < (uint)index ? (uint)seen : (uint)index;
            ulong wanted = (seen >> 32) + 1 << 32 | lowest;
            ulong before = Interlocked.CompareExchange(ref arena->Hint, wanted, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>Adds an arena with room for <paramref name="segments"/> in a row, or where that is one, for <paramref name="slices"/>. False when the system refuses.</summary>
    public static bool Grow(HeapRoot* root, int segments, int slices)
    {
        const nuint FirstBytes = 64 * Units.MiB, LimitedMinBytes = 4 * Units.MiB;

        nuint needed = (nuint)segments * Segment.Bytes, maximum = unchecked((nuint)MaxSegments * Segment.Bytes);
        if (segments > MaxSegments) return false;
        // Double what there is, so that the number of arenas stays small and the address space
        // reserved stays within twice what is used (and the first arena). Under a limit take little more than needed: an
        // eighth is enough to reach any limit with the arenas there may be.
        nuint reserved = Volatile.Read(ref root->ReservedBytes);
        bool limited = OsMemory.AddressSpaceLimitBytes() != nuint.MaxValue;
        nuint wanted = limited ? reserved / 8 : reserved < FirstBytes ? FirstBytes : reserved;
        if (limited && wanted < LimitedMinBytes) wanted = LimitedMinBytes;
        if (wanted < needed) wanted = needed;
        if (wanted > maximum) wanted = maximum;
        for (wanted = Bits.RoundDown(wanted, Segment.Bytes); wanted >= needed; wanted = Bits.RoundDown(wanted / 2, Segment.Bytes))
        {
            byte* start = OsMemory.MapAligned(wanted, Region.Bytes, 0);
            if (start != null) return Publish(root, (Segment*)start, wanted, Segment.AllSlices);
        }
        if (segments > 1) return false;
        // Not even one segment: map the first part of one, and leave the rest of it to nobody.
        for (nuint bytes = Segment.Bytes / 2; bytes >= (nuint)(slices + Region.HeaderSliceCount) * Segment.SliceBytes; bytes /= 2)
        {
            byte* start = OsMemory.MapAligned(bytes, Region.Bytes, 0);
            if (start != null) return Publish(root, (Segment*)start, bytes, Bits.Run(0, (int)(bytes / Segment.SliceBytes)) & Segment.AllSlices);
        }
        return false;
    }

    static bool Publish(HeapRoot* root, Segment* first, nuint bytes, ulong validSlices)
    {
        int segments = (int)((bytes + Segment.Bytes - 1) / Segment.Bytes);
        Arena* arena = root->ArenaCount == HeapRoot.MaxArenas ? null : (Arena*)OsMemory.Map(Bits.RoundUp(HeaderBytes(segments), OsMemory.OsPage));
        if (arena == null)
        {
            OsMemory.Unmap((byte*)first, bytes);
            return false;
        }
        OsMemory.AvoidHugePages((byte*)first, bytes);
        arena->Segments = first;
        arena->SegmentCount = segments;
        arena->ValidSlices = validSlices;
        for (int i = 0; i < segments; i += Region.SegmentCount)
        {
            Region.Of(SegmentAt(arena, i))->Arena = arena;
            State(arena, i)->Used = Region.HeaderSlices & Segment.AllSlices;        // no run goes over them
        }
        Atomic.Add(ref root->ReservedBytes, bytes);
        *HeapRoot.ArenaAt(root, root->ArenaCount) = arena;
        // Pairs with the read in `Slices`: a thread that sees the count sees the arena.
        Volatile.Write(ref root->ArenaCount, root->ArenaCount + 1);
        return true;
    }
}
