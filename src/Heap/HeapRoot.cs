using System.Runtime.InteropServices;

namespace Lampyris;

// Everything global about the heap, in one zero-initialised struct, so that a reader outside the process
// finds it all behind one symbol (`lampyris_root`). Counters are changed by `Interlocked`; each word
// that threads fight for has a cache line to itself.
[StructLayout(LayoutKind.Explicit, Size = HeapRoot.Bytes)]
public unsafe struct HeapRoot
{
    public const int Bytes = 4096;
    public const int MaxArenas = 256;
    public const uint CurrentVersion = 9;

    [FieldOffset(0)] public ulong Magic;                // HeapSnapshot.MagicNumber once the heap is up
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public int ProcessId;
    [FieldOffset(16)] public int Initialized;           // 0 no, 1 yes; under InitializeLock
    [FieldOffset(20)] public SpinLock InitializeLock;

    [FieldOffset(24)] public int ArenaCount;            // published after the entry in the table
    [FieldOffset(28)] public SpinLock GrowLock;         // adding an arena
    [FieldOffset(32)] public nuint ReservedBytes;       // address space of arenas, huge blocks and caches

    [FieldOffset(64)] public nint Caches;               // ThreadCache*: list of all, newest first
    [FieldOffset(72)] public ThreadCache* AbandonedFirst;   // see `Abandonment`; under AbandonedLock
    [FieldOffset(80)] public ThreadCache* AbandonedLast;
    [FieldOffset(88)] public int AbandonedCount;
    [FieldOffset(92)] public SpinLock AbandonedLock;
    [FieldOffset(96)] public byte* CacheChunk;          // where the next cache is cut from, under CacheLock
    [FieldOffset(104)] public nuint CacheChunkBytes;    // what is left there
    [FieldOffset(112)] public SpinLock CacheLock;
    [FieldOffset(116)] public int ThreadCount;          // caches that serve a living thread
    [FieldOffset(120)] public int PeakThreadCount;
    [FieldOffset(124)] public int StartedThreadCount;
    [FieldOffset(128)] public nuint CacheBytes;         // of caches cut so far
    [FieldOffset(136)] public nint NextToLookAt;        // ThreadCache*: see `ThreadCaches`

    [FieldOffset(144)] public long SqueezedBytes;       // of OS pages inside pages that rounds have purged since the last one that purges began; see `Squeeze`
    [FieldOffset(152)] public long ResumedBytes;        // of purged OS pages that are in use again since
    [FieldOffset(160)] public long SqueezedMs;          // when it began

    [FieldOffset(192)] public nuint CommittedBytes;     // slices in use and huge blocks
    [FieldOffset(200)] public nuint PeakCommittedBytes;
    [FieldOffset(208)] public nuint PurgedBytes;        // given back so far
    [FieldOffset(216)] public long RetainedBytes;       // free slices not purged yet; a hint, put right at each visit of the purger

    [FieldOffset(224)] public long BackedBytes;         // of dirty slices, less the OS pages in `Page.Purged`; see `Squeeze` for these
    [FieldOffset(232)] public long PeakNeededBytes;     // of backed bytes that were not retained
    [FieldOffset(240)] public long SqueezeAtBytes;

    [FieldOffset(256)] public nuint LargeAllocatedCount;
    [FieldOffset(264)] public nuint LargeFreedCount;
    [FieldOffset(272)] public nuint LargeAllocatedBytes;
    [FieldOffset(280)] public nuint LargeFreedBytes;
    [FieldOffset(288)] public nuint HugeAllocatedCount;
    [FieldOffset(296)] public nuint HugeFreedCount;
    [FieldOffset(304)] public nuint HugeAllocatedBytes;
    [FieldOffset(312)] public nuint HugeFreedBytes;

    // Read on every slow path and hardly ever written: nothing that is written all the time may share their line.
    [FieldOffset(320)] public int PurgeDelayMs;         // options, constant once the heap is up
    [FieldOffset(324)] public int PurgeEnabled;

    [FieldOffset(328)] public int ForkedInMotion;       // 1: a fork has copied other threads in the middle of a free: pages may have a block less on their list than they count
    [FieldOffset(332)] public uint SqueezeRound;        // see `Squeeze`
    [FieldOffset(336)] public uint SqueezePurges;       // 1: the round under way purges inside pages

    [FieldOffset(384)] public int PurgerState;          // see `Purger`
    [FieldOffset(388)] public int PurgerNudges;         // set to 1 by slow paths that leave something to purge
    [FieldOffset(392)] public SpinLock PurgeLock;       // held while memory is being purged; fork waits for it
    [FieldOffset(396)] public int PurgeLockThreadId;    // whose it is
    [FieldOffset(400)] public byte* PurgerStack;
    [FieldOffset(408)] public nint VisitedSegment;      // Segment* whose header the purger works on: nobody may take it whole
    [FieldOffset(416)] public int NestedForks;          // of the thread that holds PurgeLock, inside its section
    [FieldOffset(420)] public int PurgerErrands;        // `PurgerErrand`s that are wanted now
    [FieldOffset(424)] public uint PurgerVisit;         // number of the visit under way

    // Profiling, see `Sampling`; the request and its arguments are written from outside the process, by `lampyris profile PID`.
    [FieldOffset(448)] public long SampleIntervalBytes; // mean; 0: no allocation is picked
    [FieldOffset(456)] public ThreadCache* SampledCache; // null until an allocation is picked
    [FieldOffset(464)] public ulong SampleDraws;        // random numbers drawn so far
    [FieldOffset(472)] public ushort SamplingRound;     // goes up with each change of the interval
    [FieldOffset(476)] public int ProfileRequest;       // 0 none, else `ProfileRequest`
    [FieldOffset(480)] public long ProfileRequestIntervalBytes;
    [FieldOffset(488)] public long ProfileLimitBytes;   // live bytes at which the profile is to be marked; 0: none
    [FieldOffset(512)] public fixed byte ProfilePath[ProfilePathBytes]; // of the request; then the file that is written; ends in 0

    public const int ProfilePathBytes = 512;

    /// <summary>Where the table of arenas begins; everything else lies before.</summary>
    public const int TableOffset = 1024;
    const uint ArenasFit = TableOffset + MaxArenas * 8 <= Bytes ? 0 : -1;

    public static Arena** ArenaAt(HeapRoot* root, int index) => (Arena**)((byte*)root + TableOffset) + index;
}
