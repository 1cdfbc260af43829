using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class LifecycleTests
{
    // A thread that the fork copied between two lines of a free: the page counts a block as free that is on no list.
    [Fact]
    public void ABlockThatAForkLostIsNotGivenOut() => TestHeap.OnThread(() =>
    {
        const int Bytes = 496, Count = Segment.SliceBytes / Bytes;

        TestHeap.TakeEmptyCache();
        byte* first;
        do first = TestHeap.Allocate(Bytes); while (!TestHeap.BeginsAPage(first));
        TestHeap.Flush();
        nint where = (nint)TestHeap.PageOf(first);
        ((Page*)where)->Live--;
        TestHeap.Root->ForkedInMotion = 1;
        nint[] blocks = new nint[2 * Count];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = (nint)TestHeap.Allocate(Bytes);
        TestHeap.Root->ForkedInMotion = 0;
        Assert.DoesNotContain((nint)0, blocks);
        Assert.DoesNotContain((nint)first, blocks);
        Assert.Contains(blocks, block => (nint)TestHeap.PageOf((void*)block) == where);
        foreach (nint block in blocks) TestHeap.Free((void*)block);
        TestHeap.Flush();
        TestHeap.Verify();
    });

    [Fact]
    public void AForkKeepsPurgingOut()
    {
        HeapRoot* root = TestHeap.Root;
        Heap.BeforeFork();
        Assert.True(root->PurgeLock.IsTaken);
        Heap.AfterForkInParent();
        Assert.False(root->PurgeLock.IsTaken);
    }

    // A signal handler that interrupted malloc_trim forks: the lock stays malloc_trim's.
    [Fact]
    public void AForkInsideAPurgeLeavesTheLockWithThePurge()
    {
        HeapRoot* root = TestHeap.Root;
        Purger.EnterPurge(root);
        Heap.BeforeFork();
        Assert.False(Heap.Trim(TestHeap.Cache));
        Heap.AfterForkInParent();
        Assert.True(root->PurgeLock.IsTaken);
        Purger.ExitPurge(root);
        Assert.False(root->PurgeLock.IsTaken);
        TestHeap.Verify();
    }
}
