using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A free block: its first word links it to the next one.</summary>
public unsafe struct Block
{
    public Block* Next;
}

public enum PageKind : byte
{
    /// <summary>No page: its slice is free.</summary>
    None,
    /// <summary>Equal blocks of one size class, owned by a thread cache.</summary>
    Small,
    /// <summary>One block over slices of an arena, owned by nobody.</summary>
    Large,
    /// <summary>One block with a mapping of its own, owned by nobody.</summary>
    Huge,
}

public enum PageState : byte
{
    /// <summary>In its cache's queue: has a free block, or is the one being emptied.</summary>
    Queued,
    /// <summary>In no queue: every block was given out, and too few have come back since to be worth a visit.</summary>
    Full,
}

/// <summary>A run of equal blocks of one size class, owned by one thread cache; or one large block.</summary>
/// <remarks>
/// Invariants, see `HeapCheck`. For a queued page:
///   blocks on `Free` + `Live` + absorbed by purged OS pages + (`Capacity` - `Carved`) == `Capacity`,
/// where `Live` includes the blocks in threads' bins, and those on `Remote`, which the owner has not seen yet. In a full page, `Live` counts
/// down from `ReopenCount` instead, so that its owner's frees reach zero and the slow path only when
/// they are enough to queue it again.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]     // two cache lines: the owner's, everyone's
public unsafe struct Page
{
    public const int HeaderBytes = 128;

    // The owner's line: written by the owner all the time, so nobody else had better read it. Else only by whoever
    // holds the owner's lock and has seized the page.
    [FieldOffset(0)] public Block* Free;            // linked by each block's first word
    [FieldOffset(8)] public uint Live;              // blocks not known to be free; in a full page, see above
    [FieldOffset(12)] public ushort Carved;         // blocks made so far; the rest is untouched
    [FieldOffset(14)] public byte Class;
    [FieldOffset(15)] public byte SliceCount;
    [FieldOffset(16)] public uint BlockBytes;       // bytes; constant while in use
    [FieldOffset(20)] public PageState State;
    [FieldOffset(24)] public Page* Next;            // queue of the class in the owning cache
    [FieldOffset(32)] public Page* Previous;
    [FieldOffset(40)] public byte* Start;           // first byte of the first block
    [FieldOffset(48)] public nuint ReservedOffset;  // huge: where the mapping begins, in bytes below the segment's end
    [FieldOffset(48)] public nuint UsedBytes;       // large: bytes of its slices that it has reached; the rest is room to grow

    // Everyone's line.
    [FieldOffset(64)] public ulong Remote;          // see `RemoteList`; any thread, by compare-and-swap
    [FieldOffset(72)] public Page* NextReady;       // link in the owner's `Ready` stack; whoever set `Notified`
    [FieldOffset(80)] public ThreadCache* Cache;    // the owner; null for large and huge blocks
    [FieldOffset(88)] public ushort Capacity;       // blocks there can be
    [FieldOffset(90)] public PageKind Kind;
    [FieldOffset(91)] public byte IsSampled;        // 1: each block of it has been told to `HeapObserver`, and so is its free
    [FieldOffset(92)] public uint SliceMark;        // the first slice of the page that this slice belongs to, and a mark that tells it from other memory

    // Of pages of small blocks, under the owner's lock.
    [FieldOffset(96)] public OsPageSet Purged;      // OS pages given back
    [FieldOffset(104)] public uint SqueezeRound;    // see `Squeeze`
    [FieldOffset(108)] public ushort TouchedOsPages; // OS pages from here on that are not carved have no memory
    [FieldOffset(110)] public ushort SqueezeFree;   // blocks that were free when `Squeeze` last looked for OS pages; lower, if fewer have been seen since

    // Of large and huge blocks, in the same place.
    [FieldOffset(96)] public nuint LargeBytes;      // bytes of the block that may be used
    [FieldOffset(104)] public nuint MappedBytes;    // bytes of its slices; huge: of the mapping from the segment on

    /// <summary>
    /// Who may free without ceremony into the page: the owning cache, or null. Written
    /// under the owner's lock, read by everyone: a thread that finds itself here is the owner, and stays it
    /// for as long as it is inside one call (see `Seizure` for the one exception).
    /// </summary>
    [FieldOffset(112)] public ThreadCache* Owner;

    // The purger writes it without a lock, so the page may be another by then, of any kind: it shares its place with nothing.
    [FieldOffset(120)] public ulong Stamp;          // what the purger saw at its last visit

    const uint Mark = 0x536C6300;

    /// <summary>The mark of a slice of the page that begins at slice <paramref name="first"/>, 1..64.</summary>
    public static uint MarkFor(nuint first) => Mark | (uint)first;

    /// <summary>Whether <paramref name="mark"/> is a slice's, not other memory.</summary>
    public static bool IsMark(uint mark) => (mark & ~(uint)byte.MaxValue) == Mark;

    /// <summary>The first slice of the page that a slice with this mark belongs to.</summary>
    public static nuint FirstOf(uint mark) => (byte)mark;

    /// <summary>Bytes of all blocks carved so far.</summary>
    public readonly nuint CarvedBytes => (nuint)Carved * BlockBytes;

    /// <summary>Blocks not known to be free.</summary>
    public readonly uint LiveCount => State == PageState.Full ? Capacity - ReopenCount + Live : Live;

    /// <summary>As many blocks have to come back from the owner until a full page is queued again; from other threads, see `RemoteList`.</summary>
    public readonly uint ReopenCount => Capacity < 16 ? 1u : 2u + ((uint)Capacity >> ReopenShift);
    const int ReopenShift = 5;
}
