using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

// What is measured: a 64-byte block allocated and freed in turn, beside others of its size that live, as in a program, or
// alone, so that its page falls empty each time; and 1000 slots whose blocks of 16 to 4096 bytes, or of four sizes, are replaced in
// a random order; and blocks of 16 to 512 bytes that each thread allocates and another frees. Each block's first word is written, as
// every user of memory does.
static unsafe class Loads
{
    public const int PairBytes = 64, SlotCount = 1000, MinBytes = 16, MaxBytes = 4096, FewSizesBytes = 64, MaxHandedBytes = 512;

    /// <summary>As <see cref="Pair"/>, while a few blocks of the size live.</summary>
    public static void PairBesideOthers<T>(int count) where T : struct, IContender<T>, allows ref struct
    {
        const int Others = 10;

        T contender = T.ForThisThread();
        void** others = stackalloc void*[Others];
        for (int i = 0; i < Others; i++) others[i] = contender.Allocate(PairBytes);
        Pair<T>(count);
        for (int i = 0; i < Others; i++) contender.Free(others[i]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Pair<T>(int count) where T : struct, IContender<T>, allows ref struct
    {
        T contender = T.ForThisThread();
        for (int i = 0; i < count; i++)
        {
            void* block = contender.Allocate(PairBytes);
            *(int*)block = i;
            contender.Free(block);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Mixed<T>(int count, uint maxBytes) where T : struct, IContender<T>, allows ref struct
    {
        T contender = T.ForThisThread();
        void** slots = (void**)NativeMemory.AllocZeroed(SlotCount, (nuint)sizeof(void*));
        uint random = 2463534242;
        for (int i = 0; i < count; i++)
        {
            ref void* slot = ref Next(slots, ref random, maxBytes, out nuint bytes);
            contender.Free(slot);
            slot = contender.Allocate(bytes);
            *(int*)slot = i;
        }
        for (int i = 0; i < SlotCount; i++) contender.Free(slots[i]);
        NativeMemory.Free(slots);
    }

    /// <summary>Batches of blocks, each freed by the next thread of the crew; the CPU seconds of the calls, without the waits between.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static double HandedOn<T>(int count, Crew crew, int member) where T : struct, IContender<T>, allows ref struct
    {
        T contender = T.ForThisThread();
        double seconds = 0;
        uint random = 2463534242;
        for (int done = 0; done < count; done += Crew.BatchBlocks)
        {
            void** blocks = crew.Batch(member);
            double before = ThreadClock.CpuSeconds();
            for (int i = 0; i < Crew.BatchBlocks; i++)
            {
                Next(ref random);
                blocks[i] = contender.Allocate(MinBytes + (random >> 16) % (MaxHandedBytes - MinBytes + 1));
                *(int*)blocks[i] = i;
            }
            seconds += ThreadClock.CpuSeconds() - before;
            crew.Meet();
            blocks = crew.Batch((member + 1) % crew.Count);
            before = ThreadClock.CpuSeconds();
            for (int i = 0; i < Crew.BatchBlocks; i++) contender.Free(blocks[i]);
            seconds += ThreadClock.CpuSeconds() - before;
            crew.Meet();
        }
        return seconds;
    }

    // Marsaglia's xorshift: a few instructions, the same sequence for everyone.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Next(ref uint random)
    {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ref void* Next(void** slots, ref uint random, uint maxBytes, out nuint bytes)
    {
        Next(ref random);
        bytes = MinBytes + (random >> 16) % (maxBytes - MinBytes + 1);
        return ref slots[(random & 0xFFFF) * SlotCount >> 16];
    }
}
