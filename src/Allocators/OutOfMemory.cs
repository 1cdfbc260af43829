using System;
using System.Threading;

namespace Lampyris;

/// <summary>
/// What happens when a typed new finds no memory: the handler is called, and the allocation tried again, until it succeeds or
/// there is no handler any more; then <see cref="InsufficientMemoryException"/>, which is an <see cref="OutOfMemoryException"/>. As C++'s
/// new_handler. Whatever allocator serves.
/// </summary>
/// <remarks>
/// A handler frees memory (drops a cache), or sets another handler or none, or throws; one that does nothing of it is called
/// forever. <see cref="GlobalAllocator"/>'s own methods return null at once, as malloc does, and call no handler.
/// </remarks>
public static unsafe class OutOfMemory
{
    static Action? s_handler;

    /// <summary>Sets the handler, null for none, and returns the one of before.</summary>
    public static Action? SetHandler(Action? handler) => Interlocked.Exchange(ref s_handler, handler);

    public static Action? GetHandler() => Volatile.Read(ref s_handler);

    /// <summary>The slow way of an allocation that has just failed: never null.</summary>
    /// <exception cref="InsufficientMemoryException">There is no handler.</exception>
    internal static void* Retry(nuint alignment, nuint bytes, ElsewhereSource? source = null)
    {
        while (GetHandler() is { } handler)
        {
            handler();
            void* block = source != null ? source.Allocate(bytes, alignment) : GlobalAllocator.AllocateAligned(alignment, bytes);
            if (block != null) return block;
        }
        throw NoMemory(bytes);
    }

    internal static InsufficientMemoryException NoMemory(nuint bytes)
    {
        AllocatorEvents.Log.OutOfMemory(bytes);
        return new($"There is no native memory for {bytes} bytes.");
    }
}
