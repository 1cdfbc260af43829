using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class SqueezeTests
{
    const string Delay = "3600000";

    // In a process of its own, with purging on but a delay so long that the purger does nothing in its time.
    static void Passes(System.Func<int> method) => ChildProcess.Passes(method, ("LAMPYRIS_PURGE", "1"), ("LAMPYRIS_PURGE_DELAY_MS", Delay));

    [Fact]
    public void FreeSlicesGoBackWhenTheHeapWouldGrowAQuarterBeyondWhatWasEverUsed() => Passes(HolesAndALongRun);

    static int HolesAndALongRun()
    {
        const int Count = 64, HoleBytes = 512 * Units.KiB, LongBytes = 12 * Units.MiB;

        byte** blocks = stackalloc byte*[Count];
        for (int i = 0; i < Count; i++) TestHeap.Fill(blocks[i] = TestHeap.Allocate(HoleBytes), HoleBytes, (byte)i);
        ulong peak = TestHeap.Snapshot().PeakCommittedBytes;
        for (int i = 0; i < Count; i += 2) TestHeap.Free(blocks[i]);
        if (TestHeap.Snapshot().PurgedBytes != 0) return 1;
        byte* fits = TestHeap.Allocate(LongBytes);          // in no hole
        TestHeap.Fill(fits, LongBytes, 1);
        // The call may have done a part of it, the purger is at the rest.
        ulong mayStay = peak + peak / 4 + Units.MiB;
        for (int tries = 0; TestHeap.Snapshot().CommittedBytes + TestHeap.Snapshot().RetainedBytes > mayStay; tries++)
        {
            if (tries == 3000) return 2;
            Thread.Sleep(10);
        }
        for (int i = 1; i < Count; i += 2)
            if (!TestHeap.IsFilled(blocks[i], HoleBytes, (byte)i)) return 3;
        return HeapCheck.Verify() == 0 ? 0 : 4;
    }

    [Fact]
    public void ACallGivesBackItselfOnlyWhereThePurgerHasFallenBehind() => Passes(APurgerThatDoesNotCome);

    static int APurgerThatDoesNotCome()
    {
        const int Count = 64, HoleBytes = 512 * Units.KiB, MostOfACall = 256 * Units.KiB;

        HeapRoot* root = TestHeap.Root;
        root->PurgerState = Purger.Awake;                   // so nobody starts it
        byte** blocks = stackalloc byte*[Count];
        for (int i = 0; i < Count; i++) TestHeap.Fill(blocks[i] = TestHeap.Allocate(HoleBytes), HoleBytes, (byte)i);
        for (int i = 0; i < Count; i += 2) TestHeap.Free(blocks[i]);
        // In no hole, and with the holes a little more than a quarter beyond what was ever in use.
        nuint peak = (nuint)root->PeakNeededBytes;
        TestHeap.Allocate(peak + peak / 4 + peak / 32 - (nuint)root->BackedBytes);
        if (root->PurgedBytes != 0) return 2;
        if ((root->PurgerErrands & (int)PurgerErrand.FreeSlices) == 0) return 3;
        TestHeap.Allocate(peak / 16);                       // too much
        if (root->PurgedBytes == 0 || root->PurgedBytes > MostOfACall) return 4;
        for (int i = 1; i < Count; i += 2)
            if (!TestHeap.IsFilled(blocks[i], HoleBytes, (byte)i)) return 5;
        return HeapCheck.Verify() == 0 ? 0 : 6;
    }

    [Fact]
    public void ThatNothingIsLeftToGiveBackIsSaidOnlyAfterAllHasBeenLookedAt() => Passes(LooksRunOut);

    static int LooksRunOut()
    {
        const int Count = 64, BlockBytes = 512 * Units.KiB;

        byte** blocks = stackalloc byte*[Count];        // over a good 32 segments
        for (int i = 0; i < Count; i++) TestHeap.Fill(blocks[i] = TestHeap.Allocate(BlockBytes), BlockBytes, (byte)i);
        TestHeap.Free(blocks[0]);
        HeapRoot* root = TestHeap.Root;
        Purger.EnterPurge(root);
        nuint purged = root->PurgedBytes;
        bool mayBeMore = Squeeze.PurgeFree(root, BlockBytes, mostLooks: 1);
        bool tookAny = root->PurgedBytes != purged;
        bool tookIt = Squeeze.PurgeFree(root, BlockBytes, int.MaxValue) && root->PurgedBytes - purged >= BlockBytes;
        while (root->RetainedBytes > 0 && Squeeze.PurgeFree(root, BlockBytes, int.MaxValue)) { }
        bool saysMore = Squeeze.PurgeFree(root, BlockBytes, int.MaxValue);
        Purger.ExitPurge(root);
        return !mayBeMore ? 1 : tookAny ? 2 : !tookIt ? 3 : saysMore ? 4 : HeapCheck.Verify() == 0 ? 0 : 5;
    }

    [Fact]
    public void AGrowingThreadGivesBackInsideItsOwnPages() => Passes(OneClassAfterAnother);

    static int OneClassAfterAnother()
    {
        const int Count = 100_000, Bytes = 256, OneIn = 64, OtherBytes = 304;

        byte*[] blocks = new byte*[Count];
        for (int i = 0; i < Count; i++) TestHeap.Fill(blocks[i] = TestHeap.Allocate(Bytes), Bytes, (byte)i);
        for (int i = 0; i < Count; i++)
            if (i % OneIn != 0) TestHeap.Free(blocks[i]);
        nuint freed = Count * Bytes, until = freed / OtherBytes;
        for (nuint i = 0; i < until; i++) TestHeap.Fill(TestHeap.Allocate(OtherBytes), OtherBytes, 1);
        // A live block holds one OS page of the four.
        if (TestHeap.Snapshot().PurgedBytes < freed / 2) return 1;
        for (int i = 0; i < Count; i += OneIn)
            if (!TestHeap.IsFilled(blocks[i], Bytes, (byte)i)) return 2;
        if (HeapCheck.Verify() != 0) return 3;
        // What was given back serves again.
        for (int i = 0; i < Count; i++) TestHeap.Fill(TestHeap.Allocate(Bytes), Bytes, 2);
        return HeapCheck.Verify() == 0 ? 0 : 4;
    }

    [Fact]
    public void RoundsWhosePurgesTheProgramTakesBackPause() => Passes(SameClassAgain);

    static int SameClassAgain()
    {
        const int Count = 100_000, Bytes = 256, OneIn = 64;
        const long AnHourMs = 3_600_000;

        HeapRoot* root = TestHeap.Root;
        byte*[] blocks = new byte*[Count];
        const nuint MostOfIt = Count * Bytes / 2;

        FreeMost();
        if (PurgedWhileGrowing(304) < MostOfIt) return 1;
        FreeMost();                                     // takes back all that was purged
        if (root->ResumedBytes <= root->SqueezedBytes / 2) return 2;
        root->SqueezedMs = OsClock.MonotonicMs + AnHourMs;
        if (PurgedWhileGrowing(400) > MostOfIt / 8) return 3;
        root->SqueezedMs = 0;                           // the pause is over
        if (PurgedWhileGrowing(496) < MostOfIt) return 4;
        return HeapCheck.Verify() == 0 ? 0 : 5;

        // Leaves a live block on one OS page of the four.
        void FreeMost()
        {
            for (int i = 0; i < Count; i++) blocks[i] = TestHeap.Allocate(Bytes);
            for (int i = 0; i < Count; i++)
                if (i % OneIn != 0) TestHeap.Free(blocks[i]);
        }

        nuint PurgedWhileGrowing(uint bytes)
        {
            nuint before = root->PurgedBytes;
            for (uint i = 0; i < Count * Bytes / bytes; i++) TestHeap.Fill(TestHeap.Allocate(bytes), bytes, 1);
            return root->PurgedBytes - before;
        }
    }

    [Fact]
    public void AHurriedVisitDoesNotWaitForSleepersPagesToBeIdle()
    {
        const int Count = 10_000, Bytes = 256;

        byte*[] blocks = new byte*[Count];
        using ManualResetEvent ready = new(false), leave = new(false);
        TestThread sleeper = TestHeap.StartThread(() =>
        {
            for (int i = 0; i < Count; i++) blocks[i] = TestHeap.Allocate(Bytes);
            ready.Set();
            leave.WaitOne();
        });
        ready.WaitOne();
        sleeper.WaitUntilAsleep();
        for (int i = 0; i < Count; i++) TestHeap.Free(blocks[i]);
        TestHeap.Flush();
        ulong before = TestHeap.Snapshot().CommittedBytes;
        Assert.True(ProcessBarrier.Register());
        Purger.VisitSleepers(TestHeap.Root);
        Assert.InRange(TestHeap.Snapshot().CommittedBytes, 0ul, before - Count * Bytes * 9 / 10);
        leave.Set();
        TestHeap.Join(sleeper);
        TestHeap.Verify();
    }
}
