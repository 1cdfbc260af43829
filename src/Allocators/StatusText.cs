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

    /// <summary>What the built-in heap says.</summary>
    public static string OfBuiltInHeap()
    {
        byte* buffer = stackalloc byte[BufferBytes];
        HeapStatus.Write(buffer, BufferBytes);
        return Marshal.PtrToStringUTF8((nint)buffer)!;
    }
}
