using System.Collections.Generic;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class OsPagePurgeTests
{
    // Goal: through purge and restore, each free block stays free exactly once and live ones keep their contents.
    // Method: every class; every fourth stretch of blocks lives; then all memory of the page is asked for again.
    [Fact]
    public void EveryFreeBlockComesBackExactlyOnce() => TestHeap.OnThread(() =>
    {
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) PurgeAndUseAgain(sizeClass);
    });

    static void PurgeAndUseAgain(int sizeClass)
    {
        const int ManyBlocks = 100_000;

        nuint bytes = SizeClasses.BlockBytes(sizeClass);
        // A page of this test's alone: one that another test's thread has left may hold blocks that nobody here will free.
        TestHeap.Flush();
        List<nint> others = [];
        byte* first = TestHeap.Allocate(bytes);
        for (; !TestHeap.BeginsAPage(first); first = TestHeap.Allocate(bytes))
        {
            others.Add((nint)first);
            Assert.True(others.Count < ManyBlocks, $"no new page of class {sizeClass}");
        }
        Page* page = TestHeap.PageOf(first);
        List<nint> live = [(nint)first], free = [];
        int stretch = 1 + (int)(3u * OsMemory.OsPage / page->BlockBytes);
        while (live.Count < page->Capacity - page->Capacity / 8 - 1) live.Add((nint)TestHeap.Allocate(bytes));
        others.AddRange(live.FindAll(block => TestHeap.PageOf((void*)block) != page));
        live.RemoveAll(block => TestHeap.PageOf((void*)block) != page);
        for (int i = live.Count - 1; i >= 0; i--)
            if (i / stretch % 4 != 0)
            {
                free.Add(live[i]);
                live.RemoveAt(i);
            }
        foreach (nint block in live) TestHeap.Fill((byte*)block, bytes, (byte)sizeClass);
        foreach (nint block in free) TestHeap.Fill((byte*)block, bytes, 0xDD);
        foreach (nint block in free) TestHeap.Free((void*)block);
        TestHeap.Flush();

        page->Cache->Lock.Enter();
        int purged = OsPagePurge.Purge(TestHeap.Root, page);
        page->Cache->Lock.Exit();
        TestHeap.Verify();
        // What was purged holds no memory.
        for (int osPage = 0; osPage < OsPageSet.Capacity; osPage++)
            if (page->Purged.Has(osPage)) Assert.Equal((nuint)0, Residency.Bytes(page->Start + osPage * OsMemory.OsPage, OsMemory.OsPage));
        if (bytes * (nuint)stretch >= 3 * OsMemory.OsPage && free.Count >= 2 * stretch) Assert.True(purged >= 2, $"{purged} OS pages of class {sizeClass}");

        HashSet<nint> given = [.. live];
        int fromPage = 0;
        while (fromPage < page->Capacity - live.Count)
        {
            byte* block = TestHeap.Allocate(bytes);
            if (TestHeap.PageOf(block) == page) fromPage++;
            Assert.True(given.Count < ManyBlocks, $"{fromPage} of {page->Capacity} blocks of class {sizeClass} came back, {live.Count} live, page {page->State}");
            Assert.True(given.Add((nint)block), "a block was given out twice");
            TestHeap.Fill(block, bytes, 0x11);
        }
        foreach (nint block in live) Assert.True(TestHeap.IsFilled((byte*)block, bytes, (byte)sizeClass));
        TestHeap.Verify();
        foreach (nint block in given) TestHeap.Free((void*)block);
        foreach (nint block in others) TestHeap.Free((void*)block);
        TestHeap.Verify();
    }
}
