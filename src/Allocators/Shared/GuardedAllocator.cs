using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>
/// Finds misuse of memory where it happens: each block ends where an OS page that can't be accessed begins, and its own pages can't be
/// accessed for a while after it was freed. An overrun, or a use after free, faults at the instruction. For a .NET program,
/// <c>GlobalAllocator.Use(default(GuardedAllocator))</c>; for the values of one type, <c>IAllocatedFrom&lt;AllocatorSource&lt;GuardedAllocator&gt;&gt;</c>;
/// as a plugin, <c>Plugin.Export(default(GuardedAllocator))</c>.
/// </summary>
/// <remarks>
/// <para>
/// A block of a length that is no multiple of its alignment (16; 8 below 16 bytes; or as asked for) ends up to one alignment before the
/// guard. These bytes, and those from the start of the page to the block, hold a pattern that is looked at when the block is freed. A block that was
/// written around, is freed twice, or is none: one line on standard error says so, and the process is aborted.
/// </para>
/// <para>
/// A live block costs an OS page at least, two system calls, and two of the mappings of which a process has 65,530
/// (vm.max_map_count). From 24,000 live blocks on, or when the system refuses a mapping, blocks come from the C library, without a guard: one
/// line says so once, the status counts them. The last 4096 blocks freed stay in quarantine, which costs address space, but no memory and no
/// mappings. For any threads, without locks; a copy that has been used shares the blocks.
/// </para>
/// </remarks>
public unsafe struct GuardedAllocator : IMemoryAllocator
{
    const nuint OsPage = 4096, Granule = 16;
    const int MaxGuardedCount = 24_000;             // two mappings each: 48,000 of 65,530, the rest is for the program
    const int QuarantineCount = 4096;
    const nuint MinSpaceBytes = 64 * Units.MiB;
    const int SpaceHalvings = 10;                   // from 64 GiB down to that
    const int SlotClasses = 32;                     // slots of 2 << class OS pages
    const ulong Pattern = 0xFDFDFDFDFDFDFDFD;

    // What is known of an OS page of the space. The page in which a block begins knows the block; the one in which a slot begins has its link.
    [StructLayout(LayoutKind.Sequential)]
    struct PageRecord
    {
        public nuint Block, Bytes;                  // of the block that begins here; who owns the block
        public uint Slot;                           // the page in which its slot begins
        public int SlotClass;
        public int State;                           // see below; by compare-and-swap
        public uint Link;                           // of the slot that begins here
    }

    const int NeverUsed = 0, Live = 1, Freed = 2;

    // At the start of the bookkeeping, which lies behind the space. Any thread, each field by itself.
    struct Root : IIndexLinks
    {
        public nuint Space, SpaceBytes;             // constant
        public nuint CutPages;                      // of the space, so far
        public ulong AllocatedCount, FreedCount, UnguardedCount;
        public int GuardedCount;                    // live
        public int HasSaid;                         // 1: the line about blocks without a guard
        public uint NextQuarantine;
        public fixed uint Quarantine[QuarantineCount];      // page record's index + 1 of the block; 0: none
        public fixed ulong FreeSlots[SlotClasses];          // IndexStack

        public static PageRecord* Records(Root* root) => (PageRecord*)(root + 1);
        public static IndexStack* SlotsOf(Root* root, int slotClass) => (IndexStack*)root->FreeSlots + slotClass;

        public uint* LinkOf(uint index)
        {
            fixed (Root* self = &this) return &Records(self)[index].Link;
        }
    }

    nuint _root;                                    // Root*; 0 until the first request

    /// <inheritdoc/>
    public void* Allocate(nuint bytes) => AllocateAligned(bytes < Granule ? Granule / 2 : Granule, bytes);

    /// <summary>As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>, a power of two, and no more: an alignment of 1 leaves no gap before the guard.</summary>
    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        if (bytes > nuint.MaxValue / 4 || alignment > nuint.MaxValue / 4) return null;
        Root* root = GetRoot();
        if (root == null) return Unguarded(alignment, bytes);
        if (Interlocked.Increment(ref root->GuardedCount) <= MaxGuardedCount)
        {
            void* block = Guarded(root, alignment, bytes);
            if (block != null)
            {
                Interlocked.Increment(ref root->AllocatedCount);
                return block;
            }
        }
        Interlocked.Decrement(ref root->GuardedCount);
        void* plain = Unguarded(alignment, bytes);
        if (plain == null) return null;
        Interlocked.Increment(ref root->UnguardedCount);
        if (Interlocked.Exchange(ref root->HasSaid, 1) == 0)
            CLibrary.Complain("lampyris: guarded: no more mappings or address space for guards; further blocks have none"u8);
        return plain;
    }

    /// <inheritdoc/>
    public void Deallocate(void* block)
    {
        if (block == null) return;
        Root* root = (Root*)Volatile.Read(ref _root);
        nuint offset = root == null ? 0 : (nuint)block - root->Space;
        if (root == null || offset >= root->SpaceBytes)
        {
            if (root != null && Volatile.Read(ref root->UnguardedCount) == 0) Accuse((nuint)block, 0, "is none of this allocator"u8);
            CLibrary.Free(block);
            return;
        }
        uint page = (uint)(offset / OsPage);
        PageRecord* record = Root.Records(root) + page;
        if (Volatile.Read(ref record->State) == NeverUsed || record->Block != (nuint)block) Accuse((nuint)block, 0, "is none of this allocator"u8);
        if (Interlocked.CompareExchange(ref record->State, Freed, Live) != Live) Accuse((nuint)block, record->Bytes, "was freed already"u8);
        nuint pages = Bits.RoundDown((nuint)block, OsPage), end = PagesEnd((nuint)block, record->Bytes);
        if (!HoldsPattern(pages, (nuint)block)) Accuse((nuint)block, record->Bytes, "was written before its start"u8);
        if (!HoldsPattern((nuint)block + record->Bytes, end)) Accuse((nuint)block, record->Bytes, "was written behind its end"u8);
        // Refused, which takes a system without a mapping left: its content stays, and it is never used again.
        bool isGone = CLibrary.Decommit((void*)pages, end - pages);
        Interlocked.Increment(ref root->FreedCount);
        if (!isGone) return;
        Interlocked.Decrement(ref root->GuardedCount);
        uint turn = Interlocked.Increment(ref root->NextQuarantine) % QuarantineCount;
        Reuse(root, Interlocked.Exchange(ref root->Quarantine[turn], page + 1));
    }

    /// <inheritdoc/>
    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        Root* root = (Root*)Volatile.Read(ref _root);
        ulong freed = root == null ? 0 : Volatile.Read(ref root->FreedCount);       // in this order: never less than nothing lives
        ulong allocated = root == null ? 0 : Volatile.Read(ref root->AllocatedCount);
        StatusLine line = default;
        line.Begin("guarded"u8);
        line.Add("allocated blocks"u8, allocated);
        line.Add("live blocks"u8, allocated - freed);
        line.Add("blocks without a guard"u8, root == null ? 0 : Volatile.Read(ref root->UnguardedCount));
        line.CopyTo(buffer, bufferBytes);
    }

    /// <summary>It has no profiler: false.</summary>
    public bool Profile(bool active, byte* prefix) => false;

    // Null: there is no slot, or no mapping for it.
    static void* Guarded(Root* root, nuint alignment, nuint bytes)
    {
        nuint lead = alignment > OsPage ? alignment - OsPage : 0;                   // room to find the alignment in
        nuint needed = lead + PagesEnd(0, bytes) + OsPage;
        if (needed > root->SpaceBytes) return null;
        int slotClass = BitOperations.Log2((needed - 1) / OsPage);
        uint slot = TakeSlot(root, slotClass);
        if (slot == 0) return null;
        slot--;
        nuint start = root->Space + slot * OsPage, block;
        if (alignment >= OsPage) block = Bits.RoundUp(start, alignment);
        else block = Bits.RoundDown(start + ((nuint)2 << slotClass) * OsPage - OsPage - (bytes == 0 ? 1 : bytes), alignment);
        nuint pages = Bits.RoundDown(block, OsPage), end = PagesEnd(block, bytes);
        if (!CLibrary.Commit((void*)pages, end - pages))
        {
            Root.SlotsOf(root, slotClass)->Push(ref *root, slot);
            return null;
        }
        FillPattern(pages, block);
        FillPattern(block + bytes, end);
        PageRecord* record = Root.Records(root) + (pages - root->Space) / OsPage;
        record->Block = block;
        record->Bytes = bytes;
        record->Slot = slot;
        record->SlotClass = slotClass;
        Volatile.Write(ref record->State, Live);
        return (void*)block;
    }

    // Where the OS pages of a block end, and the guard begins. One of 0 bytes has a page, too.
    static nuint PagesEnd(nuint block, nuint bytes) => Bits.RoundUp(block + (bytes == 0 ? 1 : bytes), OsPage);

    static void* Unguarded(nuint alignment, nuint bytes) => alignment <= Granule ? CLibrary.Allocate(bytes) : CLibrary.AllocateAligned(alignment, bytes);

    // The first page of a slot, + 1; 0 when the space is used up.
    static uint TakeSlot(Root* root, int slotClass)
    {
        uint slot = Root.SlotsOf(root, slotClass)->Pop(ref *root);
        if (slot != 0) return slot;
        slot = CutSlot(root, slotClass);
        if (slot != 0) return slot;
        // The quarantine ends early.
        for (int turn = 0; turn < QuarantineCount; turn++) Reuse(root, Interlocked.Exchange(ref root->Quarantine[turn], 0));
        return Root.SlotsOf(root, slotClass)->Pop(ref *root);
    }

    static uint CutSlot(Root* root, int slotClass)
    {
        nuint pages = (nuint)2 << slotClass, seen = Volatile.Read(ref root->CutPages);
        while (pages <= root->SpaceBytes / OsPage - seen)
        {
            nuint before = Interlocked.CompareExchange(ref root->CutPages, seen + pages, seen);
            if (before == seen) return (uint)seen + 1;
            seen = before;
        }
        return 0;
    }

    // Out of quarantine: a freed block's slot may serve again.
    static void Reuse(Root* root, uint pageAndOne)
    {
        if (pageAndOne == 0) return;
        PageRecord* record = Root.Records(root) + (pageAndOne - 1);
        Root.SlotsOf(root, record->SlotClass)->Push(ref *root, record->Slot);
    }

    static void FillPattern(nuint from, nuint to)
    {
        for (; from < to && from % sizeof(ulong) != 0; from++) *(byte*)from = unchecked((byte)Pattern);
        for (; from + sizeof(ulong) <= to; from += sizeof(ulong)) *(ulong*)from = Pattern;
        for (; from < to; from++) *(byte*)from = unchecked((byte)Pattern);
    }

    static bool HoldsPattern(nuint from, nuint to)
    {
        for (; from < to && from % sizeof(ulong) != 0; from++) if (*(byte*)from != unchecked((byte)Pattern)) return false;
        for (; from + sizeof(ulong) <= to; from += sizeof(ulong)) if (*(ulong*)from != Pattern) return false;
        for (; from < to; from++) if (*(byte*)from != unchecked((byte)Pattern)) return false;
        return true;
    }

    static void Accuse(nuint block, nuint bytes, ReadOnlySpan<byte> deed)
    {
        TextLine line = default;
        line.Append("lampyris: guarded: the block "u8);
        line.AppendHex(block);
        if (bytes != 0)
        {
            line.Append(" of "u8);
            line.AppendDecimal((long)bytes);
            line.Append(" bytes"u8);
        }
        line.Append(" "u8);
        line.Append(deed);
        CLibrary.Complain(line);
        CLibrary.Abort();
    }

    // Null: the address space is refused. It is limited for some programs, so less will do.
    Root* GetRoot()
    {
        Root* root = (Root*)Volatile.Read(ref _root);
        if (root != null) return root;
        for (int halvings = 0; halvings <= SpaceHalvings; halvings++)
        {
            nuint bytes = MinSpaceBytes << (SpaceHalvings - halvings);
            nuint rootBytes = (nuint)sizeof(Root) + bytes / OsPage * (nuint)sizeof(PageRecord);
            void* space = CLibrary.Reserve(bytes);
            if (space == null) continue;
            root = (Root*)CLibrary.Map(rootBytes);
            if (root == null)
            {
                CLibrary.Unmap(space, bytes);
                continue;
            }
            root->Space = (nuint)space;
            root->SpaceBytes = bytes;
            nuint before = Interlocked.CompareExchange(ref _root, (nuint)root, 0);
            if (before == 0) return root;
            // Another thread was faster.
            CLibrary.Unmap(space, bytes);
            CLibrary.Unmap(root, rootBytes);
            return (Root*)before;
        }
        return null;
    }
}
