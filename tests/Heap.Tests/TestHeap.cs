using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// There is one heap a process, and `HeapCheck` wants it still.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace Lampyris.Tests;

// The heap as tests use it: with the calling thread's cache, and no purger but the test itself.
static unsafe class TestHeap
{
    [ModuleInitializer]
    internal static void Initialize()
    {
        if (ChildProcess.IsChild) return;
        Environment.SetEnvironmentVariable("LAMPYRIS_PURGE", "0");
    }

    public static HeapRoot* Root => Heap.Start();

    public static ThreadCache* Cache
    {
        get
        {
            void* cache = Host.ThreadCache();
            return cache == null ? EmptyCache.Get() : (ThreadCache*)cache;
        }
    }

    public static byte* Allocate(nuint bytes) => (byte*)Heap.Allocate(bytes, Cache);

    public static byte* AllocateZeroed(nuint bytes) => (byte*)Heap.AllocateZeroed(bytes, Cache);

    public static byte* AllocateAligned(nuint alignment, nuint bytes) => (byte*)Heap.AllocateAligned(alignment, bytes, Cache);

    public static byte* Reallocate(byte* block, nuint bytes) => (byte*)Heap.Reallocate(block, bytes, Cache);

    public static void Free(void* block) => Heap.Free(block, Cache);

    /// <summary>Gives the blocks in the calling thread's bins back to their pages, and the slices in its stock to the arenas.</summary>
    public static void Flush()
    {
        ThreadCache* cache = Cache;
        if (cache->State != CacheState.Live) return;
        cache->Lock.Enter();
        Bins.FlushAll(Root, cache);
        SliceStock.Flush(Root, cache);
        cache->Lock.Exit();
    }

    /// <summary>In a new thread: takes a cache, and gives back what an ended thread has left in it, blocks of others' pages too.</summary>
    public static void TakeEmptyCache()
    {
        Free(Allocate(16));
        Flush();
    }

    /// <summary>Whether a block that has just been given out is the first one of a new page of the calling thread's.</summary>
    public static bool BeginsAPage(byte* block)
    {
        Page* page = PageOf(block);
        return page->Cache == Cache && page->Start == block && Bins.At(Cache, page->Class)->Count + 1 == page->Carved;
    }

    public static Page* PageOf(void* block) => Segment.PageOf(block);

    public static HeapSnapshot Snapshot()
    {
        HeapSnapshot snapshot;
        HeapStats.Take(&snapshot);
        return snapshot;
    }

    /// <summary>One visit of the purger, by the calling thread.</summary>
    public static void Visit(bool idleOnly = true) => Purger.Visit(Root, idleOnly, canSeize: ProcessBarrier.Register());

    /// <summary>Purges all that other tests left behind, so that addresses and memory depend on the caller only.</summary>
    public static void Settle()
    {
        for (int i = 0; i < 3; i++) Visit(idleOnly: false);
    }

    /// <summary>The whole heap is sound, and so is its count of the memory behind it. While nobody allocates or frees.</summary>
    public static void Verify()
    {
        Assert.Equal(0, HeapCheck.Verify());
        Assert.Equal(BackedBytes(), Root->BackedBytes);
    }

    // What `HeapRoot.BackedBytes` should be, counted anew. A process that has forked may be off by what was under way.
    static long BackedBytes()
    {
        long sum = 0;
        for (int i = 0; i < Root->ArenaCount; i++)
        {
            Arena* arena = *HeapRoot.ArenaAt(Root, i);
            for (int index = 0; index < arena->SegmentCount; index++)
            {
                SegmentState* state = Arena.State(arena, index);
                sum += (long)BitOperations.PopCount(state->Dirty & Segment.AllSlices) * Segment.SliceBytes;
                if ((state->Used & 1) != 0) continue;                   // inside a block of several segments
                Segment* segment = Arena.SegmentAt(arena, index);
                for (ulong rest = state->Used; rest != 0; rest &= rest - 1)
                {
                    int slice = BitOperations.TrailingZeroCount(rest);
                    Page* page = Segment.PageAt(segment, (nuint)slice);
                    if (Segment.BeginsPage(segment, (nuint)slice) && page->Kind == PageKind.Small) sum -= page->Purged.Count * OsMemory.OsPage;
                }
            }
        }
        return sum;
    }

    public static void Fill(byte* block, nuint bytes, byte value) => new Span<byte>(block, (int)bytes).Fill(value);

    public static bool IsFilled(byte* block, nuint bytes, byte value) => !new ReadOnlySpan<byte>(block, (int)bytes).ContainsAnyExcept(value);

    /// <summary>Ends the calling thread as far as the heap is concerned.</summary>
    public static void EndThread()
    {
        ThreadCache* cache = Cache;
        Host.SetThreadCache(null);
        Heap.ThreadEnds(cache);
    }

    /// <summary>Runs the body on a thread of its own, which ends in the heap's eyes too; throws what it throws.</summary>
    public static void OnThread(Action body) => Join(StartThread(body));

    public static TestThread StartThread(Action body) => new(body);

    public static void Join(params TestThread[] threads)
    {
        foreach (TestThread thread in threads) thread.Join();
        foreach (TestThread thread in threads) thread.Failure?.Throw();
    }
}

// A thread whose exception waits for `TestHeap.Join`.
sealed class TestThread
{
    readonly Thread _thread;

    public TestThread(Action body)
    {
        _thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception failure)
            {
                Failure = ExceptionDispatchInfo.Capture(failure);
            }
            finally
            {
                TestHeap.EndThread();
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Returns when the thread waits for something, in a system call.</summary>
    public void WaitUntilAsleep()
    {
        while ((_thread.ThreadState & ThreadState.WaitSleepJoin) == 0) Thread.Sleep(1);
        Thread.Sleep(100);                  // it says so a little before it sleeps
    }

    public void Join() => _thread.Join();
}
