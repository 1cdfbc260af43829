using System.Threading;

namespace Lampyris;

// Gives back the OS pages inside a page that hold free blocks only, and takes them into use again. Blocks that
// touch a purged OS page are absorbed: free, but on no list, and their memory is not touched, until
// `Restore` takes the OS page off the set. All under the owner's lock, on a page of one's own or seized.
public static unsafe class OsPagePurge
{
    // Less than this is not worth a system call.
    const int MinOsPages = 2;
    const int MaxBlocks = Segment.SliceBytes / SizeClasses.Granule;

    /// <summary>Purges what it can; returns how many OS pages. The page's list comes out in the order of addresses.</summary>
    public static int Purge(HeapRoot* root, Page* page)
    {
        ulong* free = stackalloc ulong[MaxBlocks / 64];
        MarkFree(page, free);
        OsPageSet idle = default;
        int touched = page->TouchedOsPages;
        int firstUncarved = (int)((page->CarvedBytes + OsMemory.OsPage - 1) / OsMemory.OsPage);
        if (touched < firstUncarved) touched = firstUncarved;
        for (int osPage = 0; osPage < touched; osPage++)
            if (!page->Purged.Has(osPage) && IsFree(page, free, osPage)) idle.Add(osPage);
        if (idle.Count < MinOsPages) return 0;

        int hadPurged = page->Purged.Count;
        for (int osPage = 0; osPage < firstUncarved; osPage++)
            if (idle.Has(osPage)) page->Purged.Add(osPage);
        Interlocked.Add(ref root->BackedBytes, -(long)(page->Purged.Count - hadPurged) * OsMemory.OsPage);
        RebuildList(page, free);

        int purged = 0;
        for (int osPage = 0; osPage < touched; osPage++)
        {
            int end = osPage;
            while (end < touched && idle.Has(end)) end++;
            if (end == osPage) continue;
            if (OsMemory.Purge(page->Start + osPage * OsMemory.OsPage, (nuint)(end - osPage) * OsMemory.OsPage)) purged += end - osPage;
            osPage = end;
        }
        page->TouchedOsPages = (ushort)firstUncarved;       // what the system did not take is not tried again
        Atomic.Add(ref root->PurgedBytes, (nuint)purged * OsMemory.OsPage);
        return purged;
    }

    /// <summary>Whether enough blocks are free for OS pages among them to be.</summary>
    public static bool MayGain(Page* page) =>
        (nint)(page->CarvedBytes - (nuint)(page->LiveCount - RemoteList.Count(page->Remote)) * page->BlockBytes - (nuint)page->Purged.Count * OsMemory.OsPage) >= MinOsPages * OsMemory.OsPage;

    /// <summary>Takes the lowest purged OS pages into use until that gives a block. False: it gave none.</summary>
    public static bool Restore(Page* page)
    {
        page->SqueezeFree = 0;              // there will be OS pages to look for again
        while (!page->Purged.IsEmpty)
        {
            int osPage = page->Purged.First;
            page->Purged.Remove(osPage);
            Resume(Heap.Root, 1);
            Blocks(page, osPage, out uint first, out uint last);
            for (uint index = last + 1; index-- > first;)
                if (!IsAbsorbed(page, index)) Push(page, index);
            if (page->Free != null) return true;
        }
        return false;
    }

    /// <summary>Notes that OS pages which went off a page's set are in use again.</summary>
    public static void Resume(HeapRoot* root, int osPages)
    {
        Interlocked.Add(ref root->BackedBytes, (long)osPages * OsMemory.OsPage);
        Interlocked.Add(ref root->ResumedBytes, (long)osPages * OsMemory.OsPage);
    }

    /// <summary>Whether a carved block touches a purged OS page.</summary>
    public static bool IsAbsorbed(Page* page, uint index)
    {
        nuint first = (nuint)index * page->BlockBytes;
        return page->Purged.HasAny((int)(first / OsMemory.OsPage), (int)((first + page->BlockBytes - 1) / OsMemory.OsPage));
    }

    // The blocks that touch an OS page, those past the page's capacity left out.
    static void Blocks(Page* page, int osPage, out uint first, out uint last)
    {
        uint start = (uint)osPage * OsMemory.OsPage;
        first = start / page->BlockBytes;
        last = (start + OsMemory.OsPage - 1) / page->BlockBytes;
        if (last >= page->Capacity) last = page->Capacity - 1u;
    }

    // All blocks on it free, or all untouched: one with both is left for later.
    static bool IsFree(Page* page, ulong* free, int osPage)
    {
        Blocks(page, osPage, out uint first, out uint last);
        if (first >= page->Carved) return true;
        if (last >= page->Carved) return false;
        for (uint index = first; index <= last; index++)
            if ((free[index / 64] >> (int)(index % 64) & 1) == 0) return false;
        return true;
    }

    static void MarkFree(Page* page, ulong* free)
    {
        for (int word = 0; word < MaxBlocks / 64; word++) free[word] = 0;
        for (Block* block = page->Free; block != null; block = block->Next)
        {
            uint index = (uint)((byte*)block - page->Start) / page->BlockBytes;
            free[index / 64] |= 1UL << (int)(index % 64);
        }
        if (page->Purged.IsEmpty) return;
        for (uint index = 0; index < page->Carved; index++)
            if (IsAbsorbed(page, index)) free[index / 64] |= 1UL << (int)(index % 64);
    }

    static void RebuildList(Page* page, ulong* free)
    {
        page->Free = null;
        for (uint index = page->Carved; index-- > 0;)
            if ((free[index / 64] >> (int)(index % 64) & 1) != 0 && !IsAbsorbed(page, index)) Push(page, index);
    }

    static void Push(Page* page, uint index)
    {
        Block* block = (Block*)(page->Start + (nuint)index * page->BlockBytes);
        block->Next = page->Free;
        page->Free = block;
    }
}
