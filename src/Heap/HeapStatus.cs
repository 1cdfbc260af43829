namespace Lampyris;

// What the heap says of itself in one line, to a host of the plugin and to a .NET program alike. All figures but `blocks` in bytes:
//   allocated  given out and not freed, as whole blocks
//   active     pages and large blocks in use
//   metadata   the heap's own bookkeeping
//   resident   backed by memory: active and retained without what was purged inside of pages, and metadata
//   mapped     address space held
//   retained   free, but not given back to the system yet
//   purged     given back to the system so far
//   blocks     given out and not freed
public static unsafe class HeapStatus
{
    /// <summary>Writes the line as <see cref="CString.Write"/> does.</summary>
    public static void Write(byte* buffer, nuint bufferBytes)
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
        line.Add("purged"u8, snapshot.PurgedBytes);
        line.Add("blocks"u8, snapshot.LiveCount);
        line.CopyTo(buffer, bufferBytes);
    }
}
