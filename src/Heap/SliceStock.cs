using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>Slices of one segment that a thread holds in reserve.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct StockedSlices
{
    public Segment* Segment;
    public ulong Slices;        // one bit each; 0: the entry is free
}

// A thread's reserve of slices for pages of its own. Taking slices from the arenas and giving them back writes to words that all
// threads share, which costs far more than all else that making a page does when two processors are at it. So a thread that
// makes page after page takes more slices at a time, and a page that falls empty leaves its slices here. What a thread takes at a
// time was its own before (`RecentSlices`), or lies in one group of slices, whose tags share a cache line: threads do
// not write to each other's lines. All under the cache's lock. The idea of magazines before a shared depot is Bonwick and Adams's.
public static unsafe class SliceStock
{
    public const int Entries = 4;
    public const int Bytes = Entries * 16;

    /// <summary>Slices; beyond it, those of the segment that has most of them go back.</summary>
    public const int MaxCount = 16;

    // Longer pages are rarely made, and would empty the stock.
    const int MaxRun = 2;

    /// <summary>Slices in a row for a page, from the stock or the arenas. False when memory is refused.</summary>
    public static bool TryTake(HeapRoot* root, ThreadCache* cache, int count, out SliceRun run)
    {
        if (count > MaxRun) return Slices.TryTake(root, count, 1, out run);
        for (int i = 0; i < Entries; i++)
        {
            StockedSlices* entry = ThreadCache.Stock(cache, i);
            int first = entry->Slices == 0 ? -1 : Bits.FindRun(entry->Slices, count, 1);
            if (first < 0) continue;
            ulong wanted = Bits.Run(first, count);
            entry->Slices &= ~wanted;
            cache->StockCount -= (uint)count;
            run = Slices.Use(root, entry->Segment, first, count);
            return true;
        }
        // A thread that comes back soon takes twice as many the next time.
        int more = (int)cache->StockAhead;
        if (!RecentSlices.TryTake(root, cache, count, more, out run, out ulong others) && !Slices.TryTake(root, count, 1, more, out run, out others)) return false;
        cache->StockAhead = more >= MaxCount / 2 ? MaxCount - 1u : (uint)(2 * more + 1);
        if (others != 0) Put(root, cache, run.Segment, others);
        return true;
    }

    /// <summary>Keeps the slices of a page that is no more, or gives them back.</summary>
    public static void Return(HeapRoot* root, ThreadCache* cache, Segment* segment, int first, int count)
    {
        if (count > MaxRun) Slices.Return(root, segment, first, count);
        else Put(root, cache, segment, Bits.Run(first, count));
    }

    /// <summary>Gives all slices back.</summary>
    public static void Flush(HeapRoot* root, ThreadCache* cache)
    {
        for (int i = 0; i < Entries; i++)
            if (ThreadCache.Stock(cache, i)->Slices != 0) GiveBack(root, cache, ThreadCache.Stock(cache, i));
        cache->StockAhead = 0;
    }

    /// <summary>Slices of a segment that are in some thread's stock. For checks: it asks all threads.</summary>
    public static ulong AllOf(HeapRoot* root, Segment* segment)
    {
        ulong all = 0;
        for (ThreadCache* cache = (ThreadCache*)root->Caches; cache != null; cache = cache->NextCache)
            for (int i = 0; i < Entries; i++)
                if (ThreadCache.Stock(cache, i)->Segment == segment) all |= ThreadCache.Stock(cache, i)->Slices;
        return all;
    }

    static void Put(HeapRoot* root, ThreadCache* cache, Segment* segment, ulong slices)
    {
        StockedSlices* entry = EntryFor(cache, segment);
        if (entry == null)
        {
            entry = Largest(cache);
            GiveBack(root, cache, entry);
        }
        entry->Segment = segment;
        entry->Slices |= slices;
        cache->StockCount += (uint)BitOperations.PopCount(slices);
        if (cache->StockCount > MaxCount) GiveBack(root, cache, Largest(cache));
    }

    // The segment's entry, else a free one; null where there is none.
    static StockedSlices* EntryFor(ThreadCache* cache, Segment* segment)
    {
        StockedSlices* free = null;
        for (int i = 0; i < Entries; i++)
        {
            StockedSlices* entry = ThreadCache.Stock(cache, i);
            if (entry->Slices == 0) free = entry;
            else if (entry->Segment == segment) return entry;
        }
        return free;
    }

    static StockedSlices* Largest(ThreadCache* cache)
    {
        StockedSlices* largest = ThreadCache.Stock(cache, 0);
        for (int i = 1; i < Entries; i++)
            if (BitOperations.PopCount(ThreadCache.Stock(cache, i)->Slices) > BitOperations.PopCount(largest->Slices)) largest = ThreadCache.Stock(cache, i);
        return largest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void GiveBack(HeapRoot* root, ThreadCache* cache, StockedSlices* entry)
    {
        ulong slices = entry->Slices;
        entry->Slices = 0;
        cache->StockCount -= (uint)BitOperations.PopCount(slices);
        RecentSlices.Remember(cache, entry->Segment, slices);
        Slices.Return(root, entry->Segment, slices);
    }
}
