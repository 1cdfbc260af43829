using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class LifecycleTests
{
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
