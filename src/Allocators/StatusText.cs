using System;
using System.Runtime.InteropServices;

namespace Lampyris;

// The line of text that the contract's `logstatus` writes into a buffer of the caller.
static unsafe class StatusText
{
    // 3FS's hosts give 512 bytes; plugins may have more to say.
    const int BufferBytes = 4096;

    /// <summary>What an allocator says of itself.</summary>
    public static string Of(OtherAllocator allocator)
    {
        byte* buffer = stackalloc byte[BufferBytes];
        buffer[0] = 0;
        allocator.WriteStatus(buffer, BufferBytes);
        buffer[BufferBytes - 1] = 0;            // for one that forgets
        return Marshal.PtrToStringUTF8((nint)buffer)!;
    }

    /// <summary>What there is to say of the built-in heap.</summary>
    public static string OfBuiltInHeap()
    {
        HeapSnapshot heap;
        HeapStats.Take(&heap);
        return $"built-in heap: live {heap.LiveBytes} bytes in {heap.LiveCount} blocks, committed {heap.CommittedBytes} bytes" +
            $" (peak {heap.PeakCommittedBytes}), retained {heap.RetainedBytes} bytes, purged {heap.PurgedBytes} bytes, {heap.ThreadCount} threads";
    }
}
