using System.Runtime.InteropServices;

namespace Lampyris;

// The live blocks that were picked: block to stack and weight. Open addressing with linear probing; a removal moves the
// blocks behind it up, so there are no tombstones. Under the recorder's lock.
public static unsafe class SampleTable
{
    const nuint FirstSlots = 1 << 12;

    [StructLayout(LayoutKind.Sequential)]
    struct Sample
    {
        public ulong Block;             // 0: free
        public SampleWeight Weight;
        public uint Stack;
    }

    static Sample* s_samples;
    static nuint s_slots;               // a power of two
    static nuint s_count;

    /// <summary>Gets memory for the table. False when it is refused.</summary>
    public static bool Open()
    {
        if (s_samples != null) return true;
        s_samples = (Sample*)OsMemory.Map(FirstSlots * (nuint)sizeof(Sample));
        s_slots = FirstSlots;
        return s_samples != null;
    }

    /// <summary>Forgets all blocks and gives their memory back.</summary>
    public static void Clear()
    {
        if (s_samples != null) OsMemory.Unmap((byte*)s_samples, s_slots * (nuint)sizeof(Sample));
        s_samples = null;
        s_count = 0;
    }

    /// <summary>Notes a block. False when there is no memory for it.</summary>
    public static bool Add(void* block, uint stack, SampleWeight weight)
    {
        if (s_count * 4 >= s_slots * 3 && !Grow()) return false;
        Put(s_samples, s_slots, new Sample { Block = (ulong)block, Weight = weight, Stack = stack });
        s_count++;
        return true;
    }

    /// <summary>Takes a block out. False when it is not there: picked before the profile began.</summary>
    public static bool Remove(void* block, out uint stack, out SampleWeight weight)
    {
        stack = 0;
        weight = default;
        if (s_samples == null) return false;
        nuint mask = s_slots - 1, slot = Home((ulong)block, mask);
        for (; s_samples[slot].Block != (ulong)block; slot = slot + 1 & mask)
            if (s_samples[slot].Block == 0) return false;
        stack = s_samples[slot].Stack;
        weight = s_samples[slot].Weight;
        s_count--;
        for (nuint next = slot + 1 & mask; s_samples[next].Block != 0; next = next + 1 & mask)
        {
            // One that is not farther from its home than from the gap stays.
            if ((next - Home(s_samples[next].Block, mask) & mask) < (next - slot & mask)) continue;
            s_samples[slot] = s_samples[next];
            slot = next;
        }
        s_samples[slot].Block = 0;
        return true;
    }

    static bool Grow()
    {
        nuint slots = s_slots * 2;
        Sample* samples = (Sample*)OsMemory.Map(slots * (nuint)sizeof(Sample));
        if (samples == null) return s_count < s_slots - 1;          // goes on, ever slower, while there is a free slot
        for (nuint i = 0; i < s_slots; i++)
            if (s_samples[i].Block != 0) Put(samples, slots, s_samples[i]);
        OsMemory.Unmap((byte*)s_samples, s_slots * (nuint)sizeof(Sample));
        s_samples = samples;
        s_slots = slots;
        return true;
    }

    static void Put(Sample* samples, nuint slots, Sample sample)
    {
        nuint mask = slots - 1, slot = Home(sample.Block, mask);
        while (samples[slot].Block != 0) slot = slot + 1 & mask;
        samples[slot] = sample;
    }

    static nuint Home(ulong block, nuint mask) => (nuint)(block * 0x9E3779B97F4A7C15 >> 24) & mask;
}
