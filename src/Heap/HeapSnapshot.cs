using System.Runtime.InteropServices;

namespace Lampyris;

// What one heap looked like at one moment: the only shape in which figures leave it. Filled by
// `HeapStats`, in the process itself or from another one that reads its memory.
[StructLayout(LayoutKind.Sequential)]
public unsafe struct HeapSnapshot
{
    public const ulong MagicNumber = 0x5359_5250_4D41_4C;  // "LAMPRYS" in memory order
    public const uint CurrentVersion = 2;

    /// <summary><see cref="MagicNumber"/>; anything else is not a snapshot.</summary>
    public ulong Magic;
    /// <summary><see cref="CurrentVersion"/> of the writer; readers refuse others.</summary>
    public uint Version;
    /// <summary>The process whose heap this is.</summary>
    public uint ProcessId;

    /// <summary>Bytes of address space held, used or not.</summary>
    public ulong ReservedBytes;
    /// <summary>Bytes in slices and mappings that are in use now (pages and large blocks).</summary>
    public ulong CommittedBytes;
    /// <summary>The most that <see cref="CommittedBytes"/> has been.</summary>
    public ulong PeakCommittedBytes;
    /// <summary>Bytes free but still backed by memory, waiting for reuse or the purger.</summary>
    public ulong RetainedBytes;
    /// <summary>Bytes given back to the system so far, counted each time.</summary>
    public ulong PurgedBytes;
    /// <summary>Bytes of the heap's own bookkeeping that are backed by memory.</summary>
    public ulong MetadataBytes;

    /// <summary>Threads that hold a cache now, the most at once, and all there ever were.</summary>
    public ulong ThreadCount, PeakThreadCount, StartedThreadCount;
    /// <summary>Blocks freed by another thread than their page's owner, once the owner has seen them.</summary>
    public ulong RemoteFreeCount;

    /// <summary>Blocks in arenas that are no pages': made so far, live now, and their bytes.</summary>
    public ulong LargeAllocatedCount, LargeLiveCount, LargeAllocatedBytes, LargeLiveBytes;
    /// <summary>Blocks mapped alone: made so far, live now, and their bytes.</summary>
    public ulong HugeAllocatedCount, HugeLiveCount, HugeAllocatedBytes, HugeLiveBytes;

    /// <summary>By size class: blocks given out so far.</summary>
    public fixed ulong ClassAllocatedCount[SizeClasses.Count];
    /// <summary>By size class: blocks given out and not freed.</summary>
    public fixed ulong ClassLiveCount[SizeClasses.Count];

    /// <summary>Blocks given out so far, of any size.</summary>
    public readonly ulong AllocatedCount
    {
        get
        {
            ulong sum = LargeAllocatedCount + HugeAllocatedCount;
            for (int i = 0; i < SizeClasses.Count; i++) sum += ClassAllocatedCount[i];
            return sum;
        }
    }

    /// <summary>Blocks given out and not freed, of any size.</summary>
    public readonly ulong LiveCount
    {
        get
        {
            ulong sum = LargeLiveCount + HugeLiveCount;
            for (int i = 0; i < SizeClasses.Count; i++) sum += ClassLiveCount[i];
            return sum;
        }
    }

    /// <summary>Bytes given out so far, counted as whole blocks.</summary>
    public readonly ulong AllocatedBytes
    {
        get
        {
            ulong sum = LargeAllocatedBytes + HugeAllocatedBytes;
            for (int i = 0; i < SizeClasses.Count; i++) sum += ClassAllocatedCount[i] * SizeClasses.BlockBytes(i);
            return sum;
        }
    }

    /// <summary>Bytes given out and not freed, counted as whole blocks.</summary>
    public readonly ulong LiveBytes
    {
        get
        {
            ulong sum = LargeLiveBytes + HugeLiveBytes;
            for (int i = 0; i < SizeClasses.Count; i++) sum += ClassLiveCount[i] * SizeClasses.BlockBytes(i);
            return sum;
        }
    }
}
