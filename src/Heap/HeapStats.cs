using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// Figures, counted when somebody asks: from page headers, caches and the root, in this process or through any
// other's memory. The fast path pays one increment for all of it. Read while threads run, the figures are as
// consistent as a walk can be: each is right at some moment of it.
public static unsafe class HeapStats
{
    /// <summary>The state of this process's heap. All zero but the marks when nothing has been allocated.</summary>
    public static void Take(HeapSnapshot* into)
    {
        OwnMemory memory = default;
        HeapRoot* root = Heap.Root;
        if (root != null && TryRead((nuint)root, ref memory, into)) return;
        *into = default;
        into->Magic = HeapSnapshot.MagicNumber;
        into->Version = HeapSnapshot.CurrentVersion;
        into->ProcessId = (uint)OsThread.ProcessId();
    }

    /// <summary>
    /// Reads the heap whose root is at <paramref name="rootAddress"/>. False when the memory cannot be read, or there is
    /// no heap of this version (yet). Trusts nothing it reads: damaged data gives wrong figures, no more.
    /// </summary>
    public static bool TryRead<TMemory>(nuint rootAddress, ref TMemory memory, HeapSnapshot* into) where TMemory : struct, IProcessMemory
    {
        *into = default;
        // Copies are small throughout: malloc_stats may be called on a stack of 16 KiB. This one lacks the table of arenas.
        byte* copy = stackalloc byte[HeapRoot.TableOffset];
        if (!memory.Read(rootAddress, copy, HeapRoot.TableOffset)) return false;
        ref HeapRoot root = ref *(HeapRoot*)copy;
        if (root.Magic != HeapSnapshot.MagicNumber || root.Version != HeapRoot.CurrentVersion) return false;
        into->Magic = HeapSnapshot.MagicNumber;
        into->Version = HeapSnapshot.CurrentVersion;
        into->ProcessId = (uint)root.ProcessId;
        into->ReservedBytes = root.ReservedBytes;
        into->CommittedBytes = root.CommittedBytes;
        into->PeakCommittedBytes = root.PeakCommittedBytes;
        into->PurgedBytes = root.PurgedBytes;
        into->ThreadCount = (ulong)root.ThreadCount;
        into->PeakThreadCount = (ulong)root.PeakThreadCount;
        into->StartedThreadCount = (ulong)root.StartedThreadCount;
        into->LargeAllocatedCount = root.LargeAllocatedCount;
        into->LargeAllocatedBytes = root.LargeAllocatedBytes;
        into->LargeLiveCount = root.LargeAllocatedCount - root.LargeFreedCount;
        into->LargeLiveBytes = root.LargeAllocatedBytes - root.LargeFreedBytes;
        into->HugeAllocatedCount = root.HugeAllocatedCount;
        into->HugeAllocatedBytes = root.HugeAllocatedBytes;
        into->HugeLiveCount = root.HugeAllocatedCount - root.HugeFreedCount;
        into->HugeLiveBytes = root.HugeAllocatedBytes - root.HugeFreedBytes;
        into->MetadataBytes = HeapRoot.Bytes + root.CacheBytes;
        for (int i = 0; i < root.ArenaCount && i < HeapRoot.MaxArenas; i++)
        {
            nuint arena;
            if (!memory.Read((nuint)HeapRoot.ArenaAt((HeapRoot*)rootAddress, i), &arena, (nuint)sizeof(nuint))) return false;
            if (!ReadArena(arena, ref memory, into)) return false;
        }
        return ReadCaches((nuint)root.Caches, ref memory, into);
    }

    /// <summary>Raises a peak to <paramref name="value"/> if it is below.</summary>
    public static void RaisePeak(ref nuint peak, nuint value)
    {
        nuint seen = Volatile.Read(ref peak);
        while (value > seen)
        {
            nuint before = Interlocked.CompareExchange(ref peak, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    static bool ReadArena<TMemory>(nuint address, ref TMemory memory, HeapSnapshot* into) where TMemory : struct, IProcessMemory
    {
        Arena arena;
        if (!memory.Read(address, &arena, (nuint)sizeof(Arena))) return false;
        if (arena.SegmentCount is < 0 or > Arena.MaxSegments) return false;
        into->MetadataBytes += Arena.HeaderBytes(arena.SegmentCount);
        for (int index = 0; index < arena.SegmentCount; index++)
        {
            SegmentState state;
            if (!memory.Read((nuint)Arena.State((Arena*)address, index), &state, (nuint)sizeof(SegmentState))) return false;
            into->RetainedBytes += (ulong)BitOperations.PopCount(state.Dirty & ~state.Used & arena.ValidSlices) * Segment.SliceBytes;
            if ((state.Dirty & 1) != 0) into->MetadataBytes += Segment.HeaderBytes + Region.TagBytes;
            if ((state.Used & 1) != 0) continue;            // inside a block of several segments
            if (!ReadSegment((nuint)Arena.SegmentAt(&arena, index), state.Used, ref memory, into)) return false;
        }
        return true;
    }

    static bool ReadSegment<TMemory>(nuint address, ulong used, ref TMemory memory, HeapSnapshot* into) where TMemory : struct, IProcessMemory
    {
        for (ulong rest = used & Segment.AllSlices; rest != 0; rest &= rest - 1)
        {
            nuint slice = (nuint)BitOperations.TrailingZeroCount(rest);
            Page page;
            if (!memory.Read((nuint)Segment.PageAt((Segment*)address, slice), &page, Page.HeaderBytes)) return false;
            if (page.SliceMark != Page.MarkFor(slice)) continue;        // of a longer page, or just being made
            if (page.Kind != PageKind.Small || page.Class >= SizeClasses.Count) continue;
            uint remote = RemoteList.Count(page.Remote);
            into->ClassLiveCount[page.Class] += Less(page.LiveCount, remote);
            into->RemoteFreeCount += remote;
        }
        return true;
    }

    static bool ReadCaches<TMemory>(nuint address, ref TMemory memory, HeapSnapshot* into) where TMemory : struct, IProcessMemory
    {
        const int MaxCaches = 1 << 20;          // a list that goes in circles ends here

        for (int i = 0; address != 0 && i < MaxCaches; i++)
        {
            ThreadCache cache;
            if (!memory.Read(address, &cache, (nuint)sizeof(ThreadCache))) return false;
            for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
            {
                into->ClassAllocatedCount[sizeClass] += ThreadCache.Allocated(&cache, sizeClass);
                into->ClassLiveCount[sizeClass] = Less(into->ClassLiveCount[sizeClass], Bins.At(&cache, sizeClass)->Count);
            }
            into->RemoteFreeCount += cache.RemoteFreeCount;
            for (int index = 0; index < Outbox.PerThread; index++)
                if (!ReadOutbox(ThreadCache.Outbox(&cache, index), ref memory, into)) return false;
            address = (nuint)cache.NextCache;
        }
        return true;
    }

    static bool ReadOutbox<TMemory>(Outbox* box, ref TMemory memory, HeapSnapshot* into) where TMemory : struct, IProcessMemory
    {
        if (box->Page == null || box->Count > Outbox.MaxCount) return true;
        Page page;
        if (!memory.Read((nuint)box->Page, &page, Page.HeaderBytes)) return false;
        if (page.Class >= SizeClasses.Count) return true;
        into->ClassLiveCount[page.Class] = Less(into->ClassLiveCount[page.Class], box->Count);
        into->RemoteFreeCount += box->Count;
        return true;
    }

    // The program goes on meanwhile: what is not live may be counted later than what is.
    static ulong Less(ulong live, uint notLive) => live > notLive ? live - notLive : 0;
}
