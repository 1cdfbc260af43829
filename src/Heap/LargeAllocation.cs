using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Step 4 of the tour in `Heap`: blocks above `SizeClasses.MaxBytes`. A large block is a run of slices in an
// arena; a huge one has a mapping of its own, which begins with a segment header. Neither has an owner:
// any thread makes and frees them, without a lock.
public static unsafe class LargeAllocation
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Allocate(nuint bytes) => Allocate(bytes, 1, out _);

    /// <summary>
    /// A block of at least <paramref name="bytes"/> at a multiple of <paramref name="alignment"/> (a power of two);
    /// null and errno ENOMEM when refused. <paramref name="clean"/>: it reads as zero.
    /// </summary>
    public static void* Allocate(nuint bytes, nuint alignment, out bool clean)
    {
        HeapRoot* root = Heap.Start();
        clean = true;
        if (bytes == 0) bytes = 1;
        if (bytes > Heap.RequestMaxBytes || alignment > Heap.RequestMaxBytes) return Refused(root, bytes);
        bool fitsArena = bytes < Heap.HugeMinBytes && alignment <= Segment.Bytes / 2;
        // Under a limit on address space a mapping alone is better than more than a segment: it goes away with the block.
        bool aloneFirst = !fitsArena || SlicesFor(bytes) > Slices.MaxInSegment && OsMemory.AddressSpaceLimitBytes() != nuint.MaxValue;
        void* block = aloneFirst ? null : FromArena(root, bytes, alignment, out clean);
        if (block == null)
        {
            block = MapAlone(root, bytes, alignment, 0);
            clean = true;
        }
        if (block == null && fitsArena && aloneFirst) block = FromArena(root, bytes, alignment, out clean);
        if (block == null) return Refused(root, bytes);
        Sampling.PickLarge(root, block, bytes);
        return block;
    }

    /// <summary>Frees a large or huge block. Aborts where <paramref name="address"/> is not one's start.</summary>
    public static void Free(Page* page, void* address)
    {
        HeapRoot* root = Heap.Root;
        Check.Always(page->Kind is PageKind.Large or PageKind.Huge && page->Start == address,
            "free of an address that is not a live block: freed twice, or never allocated"u8, address);
        Segment* segment = Segment.Of(address);
        bool huge = page->Kind == PageKind.Huge;
        if (page->IsSampled != 0) HeapObserver.Freed(address);       // while the address can't be another block's
        page->Kind = PageKind.None;
        if (huge)
        {
            Count(ref root->HugeFreedCount, ref root->HugeFreedBytes, page->LargeBytes);
            Unmap(root, page);
            return;
        }
        Count(ref root->LargeFreedCount, ref root->LargeFreedBytes, page->LargeBytes);
        int first = (int)Segment.SliceOf(segment, address), slices = (int)(page->MappedBytes / Segment.SliceBytes);
        if (first + slices <= Segment.SliceCount) Slices.Return(root, segment, Bits.Run(first, slices));
        else Slices.ReturnSegments(root, segment, first, slices, (int)(page->UsedBytes / Segment.SliceBytes));
    }

    /// <summary>Makes a large or huge block longer or shorter where it stands. False: it would have to move; it is as it was.</summary>
    public static bool TryResize(Page* page, nuint bytes)
    {
        HeapRoot* root = Heap.Root;
        nuint wanted = Bits.RoundUp(bytes, OsMemory.OsPage);
        nuint had = page->LargeBytes;
        if (page->Kind == PageKind.Large)
        {
            if (wanted > had && wanted >= Heap.GrowingMinBytes) return false;       // it had better have a mapping with headroom
            if (!TryResizeRun(root, page, SlicesFor(wanted))) return false;
            Recount(ref root->LargeAllocatedBytes, ref root->LargeFreedBytes, had, wanted);
            page->LargeBytes = wanted;
            return true;
        }
        nuint before = (nuint)(page->Start - MappingStart(page));
        if (before + wanted > page->MappedBytes)
        {
            if (!OsMemory.GrowInPlace(MappingStart(page), page->MappedBytes, before + wanted)) return false;
            Atomic.Add(ref root->ReservedBytes, before + wanted - page->MappedBytes);
            page->MappedBytes = before + wanted;
        }
        if (wanted < had && OsMemory.Purge(page->Start + wanted, had - wanted)) Atomic.Add(ref root->PurgedBytes, had - wanted);
        Recount(ref root->HugeAllocatedBytes, ref root->HugeFreedBytes, had, wanted);
        AddCommitted(root, wanted - had);
        page->LargeBytes = wanted;
        return true;
    }

    // A run of one segment has as many slices as the block needs; one of several ends with a segment, and the rest of it is room.
    static bool TryResizeRun(HeapRoot* root, Page* page, int slices)
    {
        Segment* segment = Segment.Of(page->Start);
        int first = (int)Segment.SliceOf(segment, page->Start);
        int had = (int)(page->MappedBytes / Segment.SliceBytes), used = (int)(page->UsedBytes / Segment.SliceBytes), has = had;
        if (slices > had)
        {
            if (!Slices.TryExtend(root, segment, first, slices, ref has)) return false;
        }
        else
        {
            has = first + had <= Segment.SliceCount ? slices : (first + slices + Segment.SliceCount - 1) / Segment.SliceCount * Segment.SliceCount - first;
        }
        if (slices > used) Slices.UseMore(root, segment, first + used, slices - used);
        page->MappedBytes = (nuint)has * Segment.SliceBytes;
        page->UsedBytes = (nuint)(slices > used ? slices : used < has ? used : has) * Segment.SliceBytes;
        if (has >= had) return true;
        if (first + had <= Segment.SliceCount) Slices.Return(root, segment, Bits.Run(first + has, had - has));
        else Slices.ReturnSegments(root, segment, first, had, used, keep: has);
        return true;
    }

    /// <summary>
    /// Moves a block that grows to a mapping with room to grow further, so that a vector that doubles is copied
    /// once; a huge one moves with its memory, without being copied. Null when refused: the block is as it was.
    /// </summary>
    public static void* Grow(Page* page, nuint bytes)
    {
        const nuint Headroom = 8;               // times the new size, in address space only

        HeapRoot* root = Heap.Root;
        bool limited = OsMemory.AddressSpaceLimitBytes() != nuint.MaxValue;
        nuint room = limited || bytes > Heap.RequestMaxBytes / (4 * Headroom) ? 0 : bytes * Headroom;
        if (page->Kind == PageKind.Huge && page->ReservedOffset == 0) return MoveMapping(root, page, bytes, room);
        void* block = MapAlone(root, bytes, 1, room);
        if (block == null) return null;
        CopyToClean(page->Start, block, page->Kind == PageKind.Small ? page->BlockBytes : page->LargeBytes);
        Free(page, page->Start);
        Sampling.PickLarge(root, block, bytes);
        return block;
    }

    /// <summary>Copies to the beginning of a new block that is clean: what is written is backed by one call, not by page faults.</summary>
    public static void CopyToClean(void* from, void* to, nuint bytes)
    {
        OsMemory.Populate((byte*)to, Bits.RoundUp(bytes, OsMemory.OsPage));
        RawMemory.Copy(from, to, bytes);
    }

    static void* FromArena(HeapRoot* root, nuint bytes, nuint alignment, out bool clean)
    {
        clean = false;
        int slices = SlicesFor(bytes);
        SliceRun run;
        if (slices <= Slices.MaxInSegment)
        {
            int unit = alignment <= Segment.SliceBytes ? 1 : (int)(alignment >> Segment.SliceShift);
            if (unit + slices > Segment.SliceCount) return null;       // fits no segment, however many there are
            if (!Slices.TryTake(root, slices, unit, out run)) return null;
        }
        else
        {
            if (alignment > Segment.SliceBytes) return null;
            if (!Slices.TryTakeSegments(root, slices, out run)) return null;
        }
        Page* page = Open(run.Segment, run.First, PageKind.Large, run.Start, Bits.RoundUp(bytes, OsMemory.OsPage));
        page->MappedBytes = page->UsedBytes = (nuint)run.Count * Segment.SliceBytes;
        Count(ref root->LargeAllocatedCount, ref root->LargeAllocatedBytes, page->LargeBytes);
        clean = run.IsClean;
        return run.Start;
    }

    // The mapping begins a region, and the block stands at the first multiple of its alignment behind the header's slice. One
    // aligned to a region or more stands right behind a region, of which only the headers are used.
    static void* MapAlone(HeapRoot* root, nuint bytes, nuint alignment, nuint room)
    {
        nuint usable = Bits.RoundUp(bytes, OsMemory.OsPage);
        nuint mapped = room > usable ? Bits.RoundUp(room, OsMemory.OsPage) : usable;
        nuint before = alignment <= Segment.SliceBytes ? Segment.SliceBytes : alignment < Region.Bytes ? alignment : Region.Bytes;
        nuint unit = alignment <= Region.Bytes ? Region.Bytes : alignment;
        byte* start;
        if (before < Region.Bytes)
        {
            start = OsMemory.MapAligned(before + mapped, unit, 0);
            if (start == null && room > usable) return MapAlone(root, bytes, alignment, 0);
        }
        else
        {
            start = OsMemory.MapAligned(mapped, unit, before);
            if (start != null) start -= before;
        }
        if (start == null) return null;
        Segment* segment = Segment.Of(start + before);
        Page* page = Open(segment, (int)Segment.SliceOf(segment, start + before), PageKind.Huge, start + before, usable);
        page->MappedBytes = before + mapped;
        page->ReservedOffset = before == Segment.SliceBytes ? 0 : before;
        Atomic.Add(ref root->ReservedBytes, page->MappedBytes);
        AddCommitted(root, usable);
        Count(ref root->HugeAllocatedCount, ref root->HugeAllocatedBytes, usable);
        return page->Start;
    }

    static void* MoveMapping(HeapRoot* root, Page* page, nuint bytes, nuint room)
    {
        nuint usable = Bits.RoundUp(bytes, OsMemory.OsPage), had = page->LargeBytes;
        nuint mapped = Segment.SliceBytes + (room > usable ? Bits.RoundUp(room, OsMemory.OsPage) : usable);
        byte* from = MappingStart(page);
        byte* to = OsMemory.MapAligned(mapped, Region.Bytes, 0);
        if (to == null && room > usable) return MoveMapping(root, page, bytes, 0);
        if (to == null) return null;
        nuint oldMapped = page->MappedBytes;
        void* oldStart = page->Start;
        bool wasSampled = page->IsSampled != 0;
        if (!OsMemory.MoveMapping(from, oldMapped, to, mapped)) return null;
        if (wasSampled) HeapObserver.Freed(oldStart);
        Page* moved = Segment.PageAt((Segment*)to, 1);
        moved->IsSampled = 0;
        moved->Start = to + Segment.SliceBytes;
        moved->MappedBytes = mapped;
        moved->LargeBytes = usable;
        Atomic.Add(ref root->ReservedBytes, mapped - oldMapped);
        AddCommitted(root, usable - had);
        Recount(ref root->HugeAllocatedBytes, ref root->HugeFreedBytes, had, usable);
        Sampling.PickLarge(root, moved->Start, bytes);
        return moved->Start;
    }

    static void Unmap(HeapRoot* root, Page* page)
    {
        nuint mapped = page->MappedBytes, usable = page->LargeBytes;
        OsMemory.Unmap(MappingStart(page), mapped);
        Atomic.Add(ref root->ReservedBytes, 0 - mapped);
        Atomic.Add(ref root->PurgedBytes, usable);
        AddCommitted(root, 0 - usable);
    }

    static Page* Open(Segment* segment, int slice, PageKind kind, byte* start, nuint usable)
    {
        Page* page = Segment.PageAt(segment, (nuint)slice);
        *page = default;
        page->Kind = kind;
        page->Start = start;
        page->LargeBytes = usable;
        page->SliceMark = Page.MarkFor((nuint)slice);
        return page;
    }

    static byte* MappingStart(Page* page) => (byte*)Region.Of(page->Start);

    static int SlicesFor(nuint bytes) => (int)((bytes + Segment.SliceBytes - 1) >> Segment.SliceShift);

    static void Count(ref nuint count, ref nuint sum, nuint bytes)
    {
        Atomic.Add(ref count, 1);
        Atomic.Add(ref sum, bytes);
    }

    // Growing counts as allocating what was added, shrinking as freeing the rest.
    static void Recount(ref nuint allocated, ref nuint freed, nuint had, nuint has)
    {
        if (has >= had) Atomic.Add(ref allocated, has - had);
        else Atomic.Add(ref freed, had - has);
    }

    static void AddCommitted(HeapRoot* root, nuint bytes)
    {
        nuint committed = Atomic.Add(ref root->CommittedBytes, bytes);
        if ((nint)bytes > 0) HeapStats.RaisePeak(ref root->PeakCommittedBytes, committed);
    }

    static void* Refused(HeapRoot* root, nuint bytes)
    {
        Sampling.Refused(root, bytes);
        Host.SetErrno(Syscall.OutOfMemory);
        return null;
    }
}
