using System;
using Xunit;

namespace Lampyris.Tests;

// Each kind of damage is found. It is undone afterwards, so that the heap serves the other tests.
public sealed unsafe class HeapCheckTests
{
    const int BlockBytes = 112;

    static byte*[] SomeBlocks()
    {
        byte*[] blocks = new byte*[20];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = TestHeap.Allocate(BlockBytes);
        for (int i = 0; i < 5; i++) TestHeap.Free(blocks[i]);
        TestHeap.Flush();
        TestHeap.Verify();
        return blocks;
    }

    delegate void Damage(Page* page, Segment* segment, ThreadCache* cache);

    static void IsFound(Damage inflict)
    {
        // Threads that have ended may still be told to the heap by their finalizers: not while it is copied and put back.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        byte*[] blocks = SomeBlocks();
        Page* page = TestHeap.PageOf(blocks[10]);
        Segment* segment = Segment.Of(blocks[10]);
        ThreadCache* cache = page->Cache;
        byte[] header = new ReadOnlySpan<byte>(segment, Segment.HeaderBytes).ToArray();
        byte[] tags = new ReadOnlySpan<byte>(Region.Tag(segment, 0), Region.TagBytes).ToArray();
        byte[] tables = new ReadOnlySpan<byte>(cache, ThreadCache.HeaderBytes).ToArray();
        byte[] state = new ReadOnlySpan<byte>(Segment.State(segment), sizeof(SegmentState)).ToArray();
        SegmentState* stateAt = Segment.State(segment);
        byte[] root = new ReadOnlySpan<byte>(TestHeap.Root, HeapRoot.Bytes).ToArray();
        byte* free = (byte*)page->Free;
        byte[] block = new ReadOnlySpan<byte>(free, BlockBytes).ToArray();

        inflict(page, segment, cache);
        int found = HeapCheck.Verify();

        header.CopyTo(new Span<byte>(segment, Segment.HeaderBytes));
        tags.CopyTo(new Span<byte>(Region.Tag(segment, 0), Region.TagBytes));
        tables.CopyTo(new Span<byte>(cache, ThreadCache.HeaderBytes));
        state.CopyTo(new Span<byte>(stateAt, sizeof(SegmentState)));
        root.CopyTo(new Span<byte>(TestHeap.Root, HeapRoot.Bytes));
        block.CopyTo(new Span<byte>(free, BlockBytes));
        Assert.NotEqual(0, found);
        TestHeap.Verify();
        for (int i = 5; i < blocks.Length; i++) TestHeap.Free(blocks[i]);
        TestHeap.Verify();
    }

    [Fact]
    public void ALinkOverwrittenAfterFree() => IsFound((page, _, _) => page->Free->Next = (Block*)0x4141414141414140);

    [Fact]
    public void ALinkIntoTheMiddleOfABlock() => IsFound((page, _, _) => page->Free->Next = (Block*)(page->Start + 16));

    [Fact]
    public void ABlockThatIsFreeTwice() => IsFound((page, _, _) => page->Free->Next = page->Free);

    [Fact]
    public void ALostBlock() => IsFound((page, _, _) => page->Free = page->Free->Next);

    [Fact]
    public void AWrongLiveCount() => IsFound((page, _, _) => page->Live++);

    [Fact]
    public void AWrongBlockSize() => IsFound((page, _, _) => page->BlockBytes = 128);

    [Fact]
    public void AWrongCapacity() => IsFound((page, _, _) => page->Capacity--);

    [Fact]
    public void APageCarvedBeyondItsEnd() => IsFound((page, _, _) => page->Carved = (ushort)(page->Capacity + 1));

    [Fact]
    public void APageThatThinksItIsFull() => IsFound((page, _, _) => page->State = PageState.Full);

    [Fact]
    public void ARemoteListThatIsShorterThanItSays() => IsFound((page, _, _) => page->Remote = 1ul << 48);

    [Fact]
    public void ABlockOnAPurgedOsPage() => IsFound((page, _, _) => page->Purged.Add((int)((byte*)page->Free - page->Start) / OsMemory.OsPage));

    [Fact]
    public void APageWhoseStartIsWrong() => IsFound((page, _, _) => page->Start += 16);

    [Fact]
    public void ARegionOfAnotherArena()
    {
        TestHeap.Free(TestHeap.Allocate(BlockBytes));
        Region* region = Region.Of(Arena.SegmentAt(*HeapRoot.ArenaAt(TestHeap.Root, 0), 0));
        Arena* arena = region->Arena;
        region->Arena = null;
        int found = HeapCheck.Verify();
        region->Arena = arena;
        Assert.NotEqual(0, found);
        TestHeap.Verify();
    }

    [Fact]
    public void AWrongOwner() => IsFound((page, _, _) => page->Owner = null);

    [Fact]
    public void ASliceMapThatLeadsElsewhere() => IsFound((page, _, _) => page->SliceMark = Page.MarkFor(63));

    [Fact]
    public void AUsedSliceThatIsNotDirty() => IsFound((page, segment, _) =>
        Segment.State(segment)->Dirty &= ~(1ul << (int)Segment.SliceOf(segment, page->Start)));

    [Fact]
    public void AUsedSliceWithoutAPage() => IsFound((page, _, _) => page->Kind = PageKind.None);

    [Fact]
    public void AQueueThatEndsInTheWrongPlace() => IsFound((page, _, cache) => *ThreadCache.Last(cache, page->Class) = null);

    [Fact]
    public void ADirectTableThatLeadsElsewhere() => IsFound((_, _, cache) => *ThreadCache.Direct(cache, BlockBytes / 16 - 1) = Heap.EmptyBin);

    [Fact]
    public void ABinOfAnotherBlockSize() => IsFound((page, _, cache) => Bins.At(cache, page->Class)->BlockBytes += SizeClasses.Granule);

    [Fact]
    public void ABinThatIsLongerThanItSays() => IsFound((page, _, cache) => Bins.At(cache, page->Class)->Free = page->Free);

    [Fact]
    public void ABinThatIsShorterThanItSays() => IsFound((page, _, cache) => Bins.At(cache, page->Class)->Count = 1);

    [Fact]
    public void ABinWithABlockOfAnotherClass() => IsFound((page, _, cache) =>
    {
        Bins.At(cache, page->Class + 1)->Free = page->Free;
        Bins.At(cache, page->Class + 1)->Count = 1;
    });

    [Fact]
    public void AnOutboxThatIsLongerThanItSays() => IsFound((page, _, cache) => ThreadCache.Outbox(cache, 0)->Newest = page->Free);

    [Fact]
    public void AnOutboxWithABlockOfAnotherPage() => IsFound((page, _, cache) =>
    {
        Outbox.Begin(ThreadCache.Outbox(cache, 0), page, page->Free);
        ThreadCache.Outbox(cache, 0)->Page = page + 1;
    });

    [Fact]
    public void AnOutboxThatDoesNotKnowItsEnd() => IsFound((page, _, cache) =>
    {
        Outbox.Begin(ThreadCache.Outbox(cache, 0), page, page->Free);
        ThreadCache.Outbox(cache, 0)->Oldest = null;
    });

    [Theory]
    [InlineData(0)]                 // the room begins inside the block
    [InlineData(250 * 1024)]        // there is room, though it is one segment's slices
    public void ALargeBlockWithAWrongRoom(int less)
    {
        byte* block = TestHeap.Allocate(300 * 1024);
        Page* page = TestHeap.PageOf(block);
        (nuint large, nuint used) = (page->LargeBytes, page->UsedBytes);
        page->LargeBytes -= (nuint)less;
        page->UsedBytes -= Segment.SliceBytes;
        int found = HeapCheck.Verify();
        (page->LargeBytes, page->UsedBytes) = (large, used);
        Assert.NotEqual(0, found);
        TestHeap.Free(block);
        TestHeap.Verify();
    }

    [Fact]
    public void AWrongTag() => IsFound((page, segment, _) => (*Region.Tag(segment, Segment.SliceOf(segment, page->Start)))++);

    [Fact]
    public void ARunInTheTagsOfARegion()
    {
        SegmentState* state = Arena.State(*HeapRoot.ArenaAt(TestHeap.Root, 0), 0);
        state->Used &= ~Region.HeaderSlices;
        int found = HeapCheck.Verify();
        state->Used |= Region.HeaderSlices & Segment.AllSlices;
        Assert.NotEqual(0, found);
        TestHeap.Verify();
    }

    [Fact]
    public void ABackLinkInAQueue() => IsFound((page, _, cache) => (*ThreadCache.First(cache, page->Class))->Previous = page);

    [Fact]
    public void AWrongCountOfThreads() => IsFound((_, _, _) => TestHeap.Root->ThreadCount++);

    [Fact]
    public void AWrongCountOfAbandonedCaches() => IsFound((_, _, _) => TestHeap.Root->AbandonedCount++);
}
