using System.Runtime;

namespace Lampyris;

// What Plugin.c says about the heap to a host. All figures in bytes:
//   allocated  given out and not freed, as whole blocks
//   active     pages and large blocks in use
//   metadata   the heap's own bookkeeping
//   resident   backed by memory: active and retained without what was purged inside of pages, and metadata
//   mapped     address space held
//   retained   free, but not given back to the system yet
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_status_line")]
    static void WriteStatusLine(byte* buffer, nuint bufferBytes)
    {
        HeapSnapshot snapshot;
        HeapStats.Take(&snapshot);
        long backed = Heap.Root == null ? 0 : Heap.Root->BackedBytes;
        StatusLine line = default;
        line.Begin("lampyris"u8);
        line.Add("allocated"u8, snapshot.LiveBytes);
        line.Add("active"u8, snapshot.CommittedBytes);
        line.Add("metadata"u8, snapshot.MetadataBytes);
        line.Add("resident"u8, (ulong)backed + snapshot.HugeLiveBytes + snapshot.MetadataBytes);
        line.Add("mapped"u8, snapshot.ReservedBytes);
        line.Add("retained"u8, snapshot.RetainedBytes);
        line.CopyTo(buffer, bufferBytes);
    }
}
