using System.Runtime;
using System.Runtime.InteropServices;

namespace Lampyris;

// include/lampyris.h: what a program may ask about its own heap.
static unsafe partial class Exports
{
    /// <summary>`struct lampyris_snapshot`. Programs are compiled against it: fields are only ever appended.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct PublicSnapshot
    {
        public ulong LiveBlocks, LiveBytes, AllocatedBlocks, AllocatedBytes;
        public ulong ReservedBytes, CommittedBytes, PeakCommittedBytes, RetainedBytes, PurgedBytes, MetadataBytes;
        public ulong Threads;
    }

    [RuntimeExport("lampyris_verify")]
    static int Verify() => HeapCheck.Verify();

    [RuntimeExport("lampyris_snapshot")]
    static nuint Snapshot(void* into, nuint bytes)
    {
        HeapSnapshot now;
        HeapStats.Take(&now);
        PublicSnapshot shown = default;
        shown.LiveBlocks = now.LiveCount;
        shown.LiveBytes = now.LiveBytes;
        shown.AllocatedBlocks = now.AllocatedCount;
        shown.AllocatedBytes = now.AllocatedBytes;
        shown.ReservedBytes = now.ReservedBytes;
        shown.CommittedBytes = now.CommittedBytes;
        shown.PeakCommittedBytes = now.PeakCommittedBytes;
        shown.RetainedBytes = now.RetainedBytes;
        shown.PurgedBytes = now.PurgedBytes;
        shown.MetadataBytes = now.MetadataBytes;
        shown.Threads = now.ThreadCount;
        nuint filled = bytes < (nuint)sizeof(PublicSnapshot) ? bytes : (nuint)sizeof(PublicSnapshot);
        RawMemory.Copy(&shown, into, filled);
        return filled;
    }
}
