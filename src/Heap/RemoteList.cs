using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// Blocks of one page that threads other than its owner have freed, in one 64-bit word: how many in the
// upper 16 bits, the address of the newest in the rest, and in the address's low bits two flags:
//   Notified  somebody has told the owner, or is about to: the page is, or will be, on the owner's `Ready`
//             stack. Set by the freer once enough have gathered, cleared by whoever takes the page off
//             the stack; until then the page stays a page.
//   Waiting   the owner has been told and has queued the page: its turn will come, and the owner wants to hear
//             of it again only when so much has come back that the page may be empty. Set and cleared by the owner.
// The idea of a list beside each page is mimalloc's; the count in the word, which bounds how often an
// owner is told, and what it never hears of, is ours.
public static unsafe class RemoteList
{
    public const ulong Notified = 1, Waiting = 2;
    const ulong Flags = SizeClasses.Granule - 1;
    const int CountShift = 48;
    const ulong AddressMask = (1UL << CountShift) - 1 & ~Flags;

    // An owner is told when this part of a page has come back: what it may never hear of stays below it.
    const int NotifyShift = 3, NotifyAgainShift = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Count(ulong word) => (uint)(word >> CountShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Block* Newest(ulong word) => (Block*)(word & AddressMask);

    /// <summary>Adds a chain of <paramref name="length"/> blocks from any thread. True: the caller must tell the owner, by <see cref="ThreadCache.Tell"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Push(Page* page, Block* first, Block* last, uint length)
    {
        ulong seen = Volatile.Read(ref page->Remote);
        while (true)
        {
            last->Next = Newest(seen);
            uint count = Count(seen) + length;
            int shift = (seen & Waiting) == 0 ? NotifyShift : NotifyAgainShift;
            bool tell = (seen & Notified) == 0 && count > (uint)page->Capacity >> shift;
            ulong wanted = (ulong)count << CountShift | (ulong)first | seen & Flags | (tell ? Notified : 0);
            // Pairs with the exchange in `Take`: the link is written before the block can be seen.
            ulong before = Interlocked.CompareExchange(ref page->Remote, wanted, seen);
            if (before == seen) return tell;
            seen = before;
        }
    }

    /// <summary>Takes all blocks off, keeping the flags; returns the old word.</summary>
    public static ulong Take(Page* page)
    {
        ulong seen = Volatile.Read(ref page->Remote);
        while (true)
        {
            ulong before = Interlocked.CompareExchange(ref page->Remote, seen & Flags, seen);
            if (before == seen) return seen;
            seen = before;
        }
    }

    /// <summary>As <see cref="Take"/>, for a page taken off `Ready` that will be queued: Waiting, and no longer Notified.</summary>
    public static ulong TakeUp(Page* page) => Interlocked.Exchange(ref page->Remote, Waiting);

    /// <summary>The page leaves the queue: its owner wants to hear soon.</summary>
    public static void ClearWaiting(Page* page)
    {
        if ((Volatile.Read(ref page->Remote) & Waiting) != 0) Interlocked.And(ref page->Remote, ~Waiting);
    }

    public static void ClearNotified(Page* page) => Interlocked.And(ref page->Remote, ~Notified);

    public static bool IsNotified(Page* page) => (Volatile.Read(ref page->Remote) & Notified) != 0;
}
