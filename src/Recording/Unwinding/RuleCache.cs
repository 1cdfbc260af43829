using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// The rules of the places in the code that were met lately, for all threads. No lock: an entry's first word is a mix of its address and
// its other two words, so an entry that is half of one write and half of another, or one interrupted by a signal, belongs to no address.
//
// An entry is believed for some 10 to 20 seconds only: code can be unloaded, and other code come to its place.
static unsafe class RuleCache
{
    const int Entries = 4096, EntryBytes = 32;
    const int AgeShift = 32;                    // of the clock: units of 1.4 s at 3 GHz
    const ushort MostAge = 10;

    [StructLayout(LayoutKind.Sequential, Size = EntryBytes)]
    struct Entry
    {
        public ulong Mix, First, Second;
    }

    static Entry* s_entries;

    /// <summary>The unit in which rules age, now.</summary>
    public static ushort Now() => (ushort)(UnwindHost.Ticks() >> AgeShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGet(ulong address, ushort now, out FrameRule rule)
    {
        Unsafe.SkipInit(out rule);
        Entry* entry = s_entries;
        if (entry == null) return false;
        entry += Index(address);
        ulong first = entry->First, second = entry->Second;
        if (Mix(address, first, second) != Volatile.Read(ref entry->Mix)) return false;
        fixed (FrameRule* place = &rule)
        {
            ((ulong*)place)[0] = first;
            ((ulong*)place)[1] = second;
        }
        return (ushort)(now - rule.Age) <= MostAge;
    }

    public static void Put(ulong address, ushort now, FrameRule rule)
    {
        Entry* entry = s_entries;
        if (entry == null && (entry = Make()) == null) return;
        entry += Index(address);
        rule.Age = now;
        ulong first = ((ulong*)&rule)[0], second = ((ulong*)&rule)[1];
        entry->First = first;
        entry->Second = second;
        Volatile.Write(ref entry->Mix, Mix(address, first, second));
    }

    static int Index(ulong address) => (int)(address * 0x9E37_79B9_7F4A_7C15 >> 52);

    // Never 0 for an address in an entry of zeros: no address is the constant.
    static ulong Mix(ulong address, ulong first, ulong second) => address ^ first ^ (second << 23 | second >> 41) ^ 0xA076_1D64_78BD_642F;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Entry* Make()
    {
        byte* fresh = OsMemory.Map(Entries * EntryBytes);
        if (fresh == null) return null;
        fixed (Entry** place = &s_entries)
        {
            nint before = Interlocked.CompareExchange(ref *(nint*)place, (nint)fresh, 0);
            if (before == 0) return (Entry*)fresh;
            OsMemory.Unmap(fresh, Entries * EntryBytes);
            return (Entry*)before;
        }
    }
}
