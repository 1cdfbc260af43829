using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>One call stack of one thread name, and what was allocated there.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Stack
{
    public ulong Hash;
    public ulong* Addresses;            // innermost first; in `StackTable`'s storage
    public ushort Depth;
    public ushort Flags;                // StackTraits
    public uint Thread;                 // number in `ThreadNames`
    public SampleWeight Live, Allocated;
    public SampleWeight AtPeak;         // valid while PeakRound is the table's, else it is `Live`
    public ulong PeakRound;
}

// All stacks seen so far, numbered as they came, with their sums, in memory of the table's own. Under the recorder's lock.
//
// What was live at the peak costs nothing to keep: a new peak only raises `s_peakRound`, which says that what is live now is
// what was live at the peak. A stack that changes afterwards saves its value first, once a round.
public static unsafe class StackTable
{
    const int MaxStacks = 1 << 19;
    const uint FirstSlots = 1 << 11;                            // small at first: each new stack would touch an OS page of its own
    const nuint StorageBytes = (nuint)MaxStacks * 64 * 8;       // 64 addresses a stack; address space until it is used
    const int Rest = 0;                                         // stack for all that has no room: no address

    static Stack* s_stacks;
    static uint* s_slots;                                       // number + 1; at least half of them 0
    static uint s_slotCount;                                    // a power of two
    static ulong* s_storage;
    static nuint s_storageUsed;
    static uint s_count;
    static ulong s_peakRound;
    static ulong s_peakBytes;
    static ulong s_liveBytes;

    /// <summary>How many there are; numbers are 0 .. Count - 1.</summary>
    public static uint Count => s_count;

    /// <summary>Estimated bytes live now.</summary>
    public static ulong LiveBytes => s_liveBytes;

    public static Stack* At(uint number) => s_stacks + number;

    /// <summary>Gets address space for the table. False when it is refused.</summary>
    public static bool Open()
    {
        if (s_stacks == null) s_stacks = (Stack*)OsMemory.Map((nuint)MaxStacks * (nuint)sizeof(Stack));
        if (s_slots == null) MakeSlots(FirstSlots);
        if (s_storage == null) s_storage = (ulong*)OsMemory.Map(StorageBytes);
        return s_stacks != null && s_slots != null && s_storage != null;
    }

    /// <summary>Forgets all stacks and gives their memory back.</summary>
    public static void Clear()
    {
        OsMemory.Purge((byte*)s_stacks, (nuint)MaxStacks * (nuint)sizeof(Stack));
        if (s_slots != null) OsMemory.Unmap((byte*)s_slots, (nuint)s_slotCount * sizeof(uint));
        s_slots = null;
        OsMemory.Purge((byte*)s_storage, StorageBytes);
        s_storageUsed = 0;
        s_count = 0;
        s_peakRound = s_peakBytes = s_liveBytes = 0;
    }

    /// <summary>The stack's number; it is added, and written to the file, if it is new.</summary>
    public static uint Find(ulong* addresses, int depth, uint thread, StackTraits flags)
    {
        if (s_count == 0) Add(null, 0, 0, StackTraits.None, 0);
        ulong hash = thread * 0x9E3779B97F4A7C15 + (ulong)flags;
        for (int i = 0; i < depth; i++) hash = (hash ^ addresses[i]) * 0xD6E8FEB86659FD93 ^ hash >> 32;
        uint slot = Home(hash);
        for (; s_slots[slot] != 0; slot = slot + 1 & (s_slotCount - 1))
        {
            Stack* stack = s_stacks + (s_slots[slot] - 1);
            if (stack->Hash == hash && stack->Depth == depth && stack->Thread == thread && AreEqual(stack->Addresses, addresses, depth)) return s_slots[slot] - 1;
        }
        if (s_count == MaxStacks || (s_storageUsed + (nuint)depth) * sizeof(ulong) > StorageBytes) return Rest;
        if (s_count * 2 >= s_slotCount)
        {
            if (!Grow()) return Rest;
            slot = FreeSlot(hash);
        }
        ModuleTable.Note(addresses, depth);
        s_slots[slot] = s_count + 1;
        return Add(addresses, depth, thread, flags, hash);
    }

    static uint Add(ulong* addresses, int depth, uint thread, StackTraits flags, ulong hash)
    {
        Stack* stack = s_stacks + s_count;
        stack->Hash = hash;
        stack->Addresses = s_storage + s_storageUsed;
        for (int i = 0; i < depth; i++) stack->Addresses[i] = addresses[i];
        s_storageUsed += (nuint)depth;
        stack->Depth = (ushort)depth;
        stack->Flags = (ushort)flags;
        stack->Thread = thread;
        ProfileWriter.Stack(s_count, stack);
        return s_count++;
    }

    static uint Home(ulong hash) => (uint)(hash ^ hash >> 29) & (s_slotCount - 1);

    static uint FreeSlot(ulong hash)
    {
        uint slot = Home(hash);
        while (s_slots[slot] != 0) slot = slot + 1 & (s_slotCount - 1);
        return slot;
    }

    static bool MakeSlots(uint count)
    {
        uint* slots = (uint*)OsMemory.Map((nuint)count * sizeof(uint));
        if (slots == null) return false;
        s_slots = slots;
        s_slotCount = count;
        return true;
    }

    // False when memory is refused: all is as it was.
    static bool Grow()
    {
        uint* before = s_slots;
        uint countBefore = s_slotCount;
        if (!MakeSlots(countBefore * 2)) return false;
        for (uint i = 1; i < s_count; i++) s_slots[FreeSlot(s_stacks[i].Hash)] = i + 1;     // `Rest` is in none
        OsMemory.Unmap((byte*)before, (nuint)countBefore * sizeof(uint));
        return true;
    }

    static bool AreEqual(ulong* a, ulong* b, int count)
    {
        int i = 0;
        while (i < count && a[i] == b[i]) i++;
        return i == count;
    }

    public static void Allocated(uint number, SampleWeight weight)
    {
        Stack* stack = s_stacks + number;
        KeepPeak(stack);
        stack->Allocated.Bytes += weight.Bytes;
        stack->Allocated.Millis += weight.Millis;
        stack->Live.Bytes += weight.Bytes;
        stack->Live.Millis += weight.Millis;
        s_liveBytes += weight.Bytes;
        if (s_liveBytes <= s_peakBytes) return;
        s_peakBytes = s_liveBytes;
        s_peakRound++;
    }

    public static void Freed(uint number, SampleWeight weight)
    {
        Stack* stack = s_stacks + number;
        KeepPeak(stack);
        stack->Live.Bytes -= weight.Bytes;
        stack->Live.Millis -= weight.Millis;
        s_liveBytes -= weight.Bytes;
    }

    /// <summary>What was live at this stack when most was live over all.</summary>
    public static SampleWeight AtPeak(Stack* stack) => stack->PeakRound == s_peakRound ? stack->AtPeak : stack->Live;

    static void KeepPeak(Stack* stack)
    {
        if (stack->PeakRound == s_peakRound) return;
        stack->AtPeak = stack->Live;
        stack->PeakRound = s_peakRound;
    }
}
