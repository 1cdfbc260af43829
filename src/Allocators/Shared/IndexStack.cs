using System.Threading;

namespace Lampyris;

/// <summary>Where the elements of an <see cref="IndexStack"/> keep their links.</summary>
unsafe interface IIndexLinks
{
    /// <summary>The link of an element, which may be read though another thread owns the element by now.</summary>
    uint* LinkOf(uint index);
}

/// <summary>A stack of numbered elements for any threads, without locks, so that a fork finds it whole. All zero, it is empty.</summary>
/// <remarks>
/// The head is one word of two halves: a count of all changes, and the first element's index + 1. So a compare-and-swap
/// notices when the same element has come back meanwhile (Treiber's stack, 1986).
/// </remarks>
struct IndexStack
{
    ulong _head;                // count of changes << 32 | index + 1; any thread

    /// <summary>The first element's index + 1; 0 when there is none.</summary>
    public readonly uint First => (uint)Volatile.Read(in _head);

    /// <summary>Takes the first element off: its index + 1, 0 when there is none.</summary>
    public unsafe uint Pop<TLinks>(ref TLinks links) where TLinks : struct, IIndexLinks
    {
        ulong seen = Volatile.Read(ref _head);
        while ((uint)seen != 0)
        {
            // Another thread may own the element by now, and this may be anything: then the exchange fails.
            uint next = Volatile.Read(ref *links.LinkOf((uint)seen - 1));
            ulong before = Interlocked.CompareExchange(ref _head, Changed(seen) | next, seen);
            if (before == seen) break;
            seen = before;
        }
        return (uint)seen;
    }

    public unsafe void Push<TLinks>(ref TLinks links, uint index) where TLinks : struct, IIndexLinks
    {
        uint* link = links.LinkOf(index);
        ulong seen = Volatile.Read(ref _head);
        while (true)
        {
            Volatile.Write(ref *link, (uint)seen);
            ulong before = Interlocked.CompareExchange(ref _head, Changed(seen) | (index + 1), seen);
            if (before == seen) return;
            seen = before;
        }
    }

    static ulong Changed(ulong head) => (head & ~(ulong)uint.MaxValue) + (1UL << 32);
}
