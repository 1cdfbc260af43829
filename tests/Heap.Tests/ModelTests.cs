using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

// Random programs on 1 to 16 threads against a plain model: each slot knows what its block must hold. Threads
// free here and there, end, trim, and play the purger. LAMPYRIS_TEST_SEED and LAMPYRIS_TEST_OPERATIONS set the
// first seed and the operations in all; a failure names its seed.
public sealed unsafe class ModelTests
{
    const int RoundsPerProgram = 4;
    const long DefaultOperations = 20_000_000;

    static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), out long value) ? value : otherwise;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(8, 0)]
    [InlineData(16, 0)]
    [InlineData(1, 7)]
    [InlineData(4, 3)]
    [InlineData(4, 50)]
    public void ARandomProgramFindsItsBlocksAsItLeftThem(int threads, int refuseEvery)
    {
        long seed = Setting("LAMPYRIS_TEST_SEED", 1);
        long operations = Setting("LAMPYRIS_TEST_OPERATIONS", DefaultOperations) / 8;
        ModelProgram program = new((ulong)seed * 100 + (ulong)threads, threads, refuseEvery);
        for (int round = 0; round < RoundsPerProgram; round++)
        {
            program.Run(operations / RoundsPerProgram / threads);
            Assert.True(HeapCheck.Verify() == 0, $"heap is not whole: seed {seed}, {threads} threads, round {round}");
        }
        program.FreeAll();
        Assert.True(HeapCheck.Verify() == 0, $"heap is not whole at the end: seed {seed}, {threads} threads");
    }
}

// One program: threads with slots of their own, and shared slots through which blocks change hands.
sealed unsafe class ModelProgram
{
    const int SharedSlots = 256;

    readonly ModelThread[] _threads;
    readonly nint[] _shared = new nint[SharedSlots];
    readonly int _refuseEvery;

    public ModelProgram(ulong seed, int threads, int refuseEvery)
    {
        _refuseEvery = refuseEvery;
        _threads = new ModelThread[threads];
        for (int i = 0; i < threads; i++) _threads[i] = new ModelThread(seed * 31 + (ulong)i, _shared, refuseEvery != 0, $"seed {seed / 100}, {threads} threads");
    }

    /// <summary>Runs each thread's next operations on a new thread, which ends in the heap's eyes afterwards.</summary>
    public void Run(long operationsPerThread)
    {
        SyscallRefusal.Every = _refuseEvery;
        try
        {
            TestThread[] running = new TestThread[_threads.Length];
            for (int i = 0; i < running.Length; i++)
            {
                ModelThread thread = _threads[i];
                running[i] = TestHeap.StartThread(() => thread.Run(operationsPerThread));
            }
            TestHeap.Join(running);
        }
        finally
        {
            SyscallRefusal.Every = 0;
        }
    }

    public void FreeAll()
    {
        foreach (ModelThread thread in _threads) thread.FreeAll();
        for (int i = 0; i < _shared.Length; i++) ModelThread.Receive(Interlocked.Exchange(ref _shared[i], 0));
    }
}

sealed unsafe class ModelThread(ulong seed, nint[] shared, bool mayRefuse, string name)
{
    const int SlotCount = 1000;
    const nuint MaxLiveBytes = 16 * Units.MiB;
    const int HeadBytes = 16;                       // a shared block begins with its length and its pattern's seed

    struct Slot
    {
        public byte* Block;
        public nuint Bytes;
        public ulong Pattern;
    }

    readonly Slot[] _slots = new Slot[SlotCount];
    ulong _random = seed;
    nuint _liveBytes;

    public void Run(long operations)
    {
        for (long i = 0; i < operations; i++) Operate();
    }

    public void FreeAll()
    {
        for (int i = 0; i < SlotCount; i++)
            if (_slots[i].Block != null) Release(ref _slots[i]);
    }

    ulong Next()
    {
        ulong x = _random += 0x9E3779B97F4A7C15;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        return x ^ x >> 31;
    }

    void Operate()
    {
        ref Slot slot = ref _slots[(int)(Next() % SlotCount)];
        ulong what = Next() % 65536;
        if (what < 12) Purger.Visit(TestHeap.Root, idleOnly: true, canSeize: true);
        else if (what < 14) Heap.Trim(TestHeap.Cache);
        else if (what < 18) Thread.Sleep(1);
        else if (what < 22) TestHeap.EndThread();
        else if (what < 24)
        {
            Purger.EnterPurge(TestHeap.Root);
            Squeeze.PurgeFree(TestHeap.Root, (long)(Next() % (4 * Units.MiB)), (int)(Next() % 64));
            Purger.ExitPurge(TestHeap.Root);
        }
        else if (what < 40) Interlocked.Increment(ref TestHeap.Root->SqueezeRound);
        else if (what < 12_000) Exchange();
        else if (slot.Block == null) Obtain(ref slot);
        else if (what < 26_000) Resize(ref slot);
        else Release(ref slot);
    }

    nuint Size()
    {
        ulong r = Next();
        nuint n = (nuint)(r >> 16);
        return (r & 4095) switch
        {
            0 => n % 512 == 0 ? n % (40 * Units.MiB) : n % (6 * Units.MiB),
            < 16 => n % (512 * Units.KiB),
            < 120 => n % (70 * Units.KiB),
            < 800 => n % 4096,
            _ => n % 400,
        };
    }

    void Obtain(ref Slot slot)
    {
        nuint bytes = Size();
        if (_liveBytes + bytes > MaxLiveBytes) bytes %= 200;
        ulong how = Next() % 16;
        byte* block;
        if (how == 0)
        {
            block = TestHeap.AllocateZeroed(bytes);
            if (block != null && !TestHeap.IsFilled(block, bytes, 0)) Fail("zeroed block holds old bytes", block);
        }
        else if (how == 1)
        {
            nuint alignment = (nuint)16 << (int)(Next() % 18);
            block = TestHeap.AllocateAligned(alignment, bytes);
            if (((nuint)block & (alignment - 1)) != 0) Fail("block is not aligned", block);
        }
        else
        {
            block = TestHeap.Allocate(bytes);
        }
        if (IsRefused(block)) return;
        if (((nuint)block & 15) != 0 || Heap.UsableBytes(block, TestHeap.Cache) < bytes) Fail("block is too short or not a multiple of 16", block);
        slot = new Slot { Block = block, Bytes = bytes, Pattern = Next() };
        _liveBytes += bytes;
        Fill(block, 0, bytes, slot.Pattern);
    }

    void Resize(ref Slot slot)
    {
        nuint bytes = 1 + (Next() % 4 == 0 ? Size() : slot.Bytes + (nuint)Next() % (slot.Bytes + 16));
        if (_liveBytes + bytes > MaxLiveBytes) bytes = 1 + bytes % 200;
        Check(slot.Block, 0, slot.Bytes, slot.Bytes, slot.Pattern);
        byte* block = TestHeap.Reallocate(slot.Block, bytes);
        if (IsRefused(block)) return;
        Check(block, 0, bytes < slot.Bytes ? bytes : slot.Bytes, slot.Bytes, slot.Pattern);
        _liveBytes += bytes - slot.Bytes;
        slot = new Slot { Block = block, Bytes = bytes, Pattern = Next() };
        Fill(block, 0, bytes, slot.Pattern);
    }

    void Release(ref Slot slot)
    {
        Check(slot.Block, 0, slot.Bytes, slot.Bytes, slot.Pattern);
        TestHeap.Free(slot.Block);
        _liveBytes -= slot.Bytes;
        slot = default;
    }

    // Sends a fresh block to whoever comes by next, and frees what lay there.
    void Exchange()
    {
        nuint bytes = HeadBytes + Size() % 3000;
        byte* block = TestHeap.Allocate(bytes);
        if (!IsRefused(block))
        {
            ulong pattern = Next();
            ((ulong*)block)[0] = bytes;
            ((ulong*)block)[1] = pattern;
            Fill(block, HeadBytes, bytes, pattern);
        }
        Receive(Interlocked.Exchange(ref shared[(int)(Next() % (ulong)shared.Length)], (nint)block));
    }

    public static void Receive(nint sent)
    {
        byte* block = (byte*)sent;
        if (block == null) return;
        nuint bytes = (nuint)((ulong*)block)[0];
        if (bytes is < HeadBytes or > 4000 || FirstDifference(block, HeadBytes, bytes, bytes, ((ulong*)block)[1]) != null)
            throw new InvalidOperationException($"a block sent to another thread was changed, at {(nint)block:x}");
        TestHeap.Free(block);
    }

    bool IsRefused(byte* block)
    {
        if (block == null && !mayRefuse) Fail("memory refused", block);
        return block == null;
    }

    static byte ByteAt(ulong pattern, nuint offset) => (byte)((pattern >> (int)(offset & 7) * 8) + (offset >> 3) * 31);

    // Small blocks are filled; of large ones the ends and a line an OS page.
    static nuint After(nuint offset, nuint bytes)
    {
        if (bytes <= 512 || offset < 63 || offset + 64 >= bytes || offset % 4096 != 63) return offset + 1;
        nuint next = Bits.RoundUp(offset + 1, 4096);
        return next + 64 >= bytes ? bytes - 64 : next;
    }

    static void Fill(byte* block, nuint from, nuint bytes, ulong pattern)
    {
        for (nuint i = from; i < bytes; i = After(i, bytes)) block[i] = ByteAt(pattern, i);
    }

    // Of a block that was filled for `filledBytes`.
    static byte* FirstDifference(byte* block, nuint from, nuint bytes, nuint filledBytes, ulong pattern)
    {
        for (nuint i = from; i < bytes; i = After(i, filledBytes))
            if (block[i] != ByteAt(pattern, i)) return block + i;
        return null;
    }

    void Check(byte* block, nuint from, nuint bytes, nuint filledBytes, ulong pattern)
    {
        byte* difference = FirstDifference(block, from, bytes, filledBytes, pattern);
        if (difference != null) Fail($"a block of {filledBytes} bytes was changed", difference);
    }

    [DoesNotReturn]
    void Fail(string what, byte* where) => throw new InvalidOperationException($"{what}, at {(nint)where:x} ({name})");
}
