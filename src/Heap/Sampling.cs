using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Picks allocations at random for a profile, and makes sure that their frees are seen. The fast paths pay nothing for
// it but one branch that is not taken.
//
// Each byte that is allocated ends a gap with a probability of 1 / `SampleIntervalBytes`, so an allocation in a block of
// b bytes is picked with the probability 1 - e^(-b / interval), independently of all others (docs/sampling.md). Such a
// process falls into independent ones, one for each bin: the blocks that a bin gives out until the next one is
// picked are a geometric number, which is drawn in advance. The bin counts down, `Allocate` looks when that is used up.
// While no profile is taken the countdown runs from a constant, and serves to look out for requests.
//
// A picked block comes from pages that hold picked blocks only (`Page.IsSampled`). Their owner is a cache that serves no
// thread, so every free of such a block goes the way of a remote free, where one look at the page tells. Large
// and huge blocks have a page header to themselves.
//
// Idea: sampling at exponential gaps of bytes, with weights that undo the bias by size, is tcmalloc's; one
// countdown a bin, joined with the bin's count of blocks in one word, is ours.
public static unsafe class Sampling
{
    const int LookEvery = 1 << 16;              // blocks of a bin, while no profile is taken
    const int MaxGap = 1 << 30;

    /// <summary>Sets all countdowns of a cache anew, for the interval of now. By its owner, or before it has one.</summary>
    public static void ArmAll(HeapRoot* root, ThreadCache* cache)
    {
        cache->SamplingRound = root->SamplingRound;
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++) Arm(root, cache, sizeClass);
    }

    /// <summary>After a countdown has run out: true if the allocation that ended it is picked.</summary>
    public static bool Rearm(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        if (cache->SamplingRound != root->SamplingRound)
        {
            ArmAll(root, cache);
            return false;
        }
        Arm(root, cache, sizeClass);
        return root->SampleIntervalBytes != 0;
    }

    static void Arm(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        Bin* bin = Bins.At(cache, sizeClass);
        ulong allocated = ThreadCache.Allocated(cache, sizeClass);
        bin->Countdown = Gap(root, SizeClasses.BlockBytes(sizeClass)) - 1;
        *ThreadCache.AllocatedAtZero(cache, sizeClass) = allocated + (ulong)bin->Countdown;
    }

    /// <summary>Begins or ends picking. <paramref name="intervalBytes"/>: mean; 1: every allocation; 0: none.</summary>
    public static void SetInterval(HeapRoot* root, long intervalBytes)
    {
        root->SamplingRound++;
        Volatile.Write(ref root->SampleIntervalBytes, intervalBytes);
    }

    /// <summary>The probability with which an allocation in a block of this size is picked.</summary>
    public static double Probability(long intervalBytes, nuint blockBytes) =>
        intervalBytes <= 1 ? 1 : Exponential.Within((double)blockBytes / intervalBytes);

    /// <summary>A block for a picked allocation; null, and nothing is recorded, when memory is refused.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* AllocateSmall(HeapRoot* root, nuint bytes, int sizeClass)
    {
        ThreadCache* cache = Cache(root);
        if (cache == null) return null;
        cache->Lock.Enter();
        Page* page = PageWithRoom(root, cache, sizeClass);
        Block* block = null;
        if (page != null)
        {
            block = page->Free;
            page->Free = block->Next;
            page->Live++;
            ++*ThreadCache.AllocatedAtZero(cache, sizeClass);
        }
        cache->Lock.Exit();
        if (block != null) HeapObserver.Picked(block, bytes, SizeClasses.BlockBytes(sizeClass));
        return block;
    }

    /// <summary>Frees a block of <see cref="AllocateSmall"/>. Any thread.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FreeSmall(Page* page, void* address)
    {
        HeapObserver.Freed(address);            // while the address can't be another block's
        ThreadCache* cache = page->Cache;
        if (cache->State == CacheState.Lost) return;
        cache->Lock.Enter();
        Heap.FreeOwnChain(Heap.Root, page, (Block*)address, (Block*)address, 1);
        cache->Lock.Exit();
    }

    /// <summary>Tells a new large or huge block to the profile, if it is picked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PickLarge(HeapRoot* root, void* block, nuint bytes)
    {
        if (Volatile.Read(ref root->ProfileRequest) != 0) Obey(root);
        if (Volatile.Read(ref root->SampleIntervalBytes) != 0) PickLargeSlow(root, block, bytes);
    }

    /// <summary>A large or huge block has another size now: to a profile, the old one is freed and another one allocated.</summary>
    public static void Replace(HeapRoot* root, Page* page, nuint bytes)
    {
        if (page->IsSampled != 0)
        {
            page->IsSampled = 0;
            HeapObserver.Freed(page->Start);
        }
        PickLarge(root, page->Start, bytes);
    }

    /// <summary>Memory was refused: a moment that a profile marks.</summary>
    public static void Refused(HeapRoot* root, nuint bytes)
    {
        if (root->SampleIntervalBytes != 0) HeapObserver.Refused(bytes);
    }

    /// <summary>Somebody outside the process wants something of the profiler.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Obey(HeapRoot* root) => HeapObserver.Requested(root);

    /// <summary>In a child after fork: a cache that was in use is the parent's business.</summary>
    public static void Forget(HeapRoot* root)
    {
        ThreadCache* cache = root->SampledCache;
        if (cache != null && cache->State == CacheState.Lost) root->SampledCache = null;
    }

    static void PickLargeSlow(HeapRoot* root, void* block, nuint bytes)
    {
        Page* page = Segment.PageOf(block);
        long interval = root->SampleIntervalBytes;
        if (interval > 1 && Exponential.Draw(Random(root)) * interval > page->LargeBytes) return;
        page->IsSampled = 1;
        HeapObserver.Picked(block, bytes, page->LargeBytes);
    }

    // How many blocks of a size are given out from now on, up to and including the one that is picked.
    static int Gap(HeapRoot* root, uint blockBytes)
    {
        long interval = root->SampleIntervalBytes;
        if (interval == 0) return LookEvery;
        if (interval == 1) return 1;
        double blocks = Exponential.Draw(Random(root)) * interval / blockBytes;
        return blocks < MaxGap ? (int)blocks + 1 : MaxGap;
    }

    // A page that can be used as it is, first in its queue. Null when memory is refused.
    static Page* PageWithRoom(HeapRoot* root, ThreadCache* cache, int sizeClass)
    {
        while (true)
        {
            Page* page = *ThreadCache.First(cache, sizeClass);
            if (page == null)
            {
                page = PageFill.Create(root, cache, sizeClass);
                if (page == null) return null;
                PageQueue.Append(cache, page);
            }
            if (Heap.HasRoom(cache, page)) return page;
        }
    }

    // Made when the first allocation is picked. Null when memory is refused.
    static ThreadCache* Cache(HeapRoot* root)
    {
        ThreadCache* cache = (ThreadCache*)Volatile.Read(ref *(nint*)&root->SampledCache);
        return cache != null ? cache : MakeCache(root);
    }

    static ThreadCache* MakeCache(HeapRoot* root)
    {
        ThreadCache* cache = ThreadCaches.Make(root, CacheState.Sampling);
        if (cache == null) return null;
        nint before = Interlocked.CompareExchange(ref *(nint*)&root->SampledCache, (nint)cache, 0);
        if (before == 0) return cache;
        cache->State = CacheState.Lost;         // two at once: a cache too many
        return (ThreadCache*)before;
    }

    // 64 random bits: a counter, scrambled (Steele, Lea and Flood's SplitMix64).
    static ulong Random(HeapRoot* root)
    {
        ulong bits = Interlocked.Add(ref root->SampleDraws, 0x9E3779B97F4A7C15);
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
        return bits ^ bits >> 31;
    }
}
