using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris.Benchmarks;

/// <summary>The threads and their blocks. Each thread fills its slots, refills them, and then sleeps; it never frees
/// what it holds at the end, another thread does. One block in ten has 1 to 32 KiB, the rest 16 to 512 bytes.</summary>
internal sealed unsafe class Service : IDisposable
{
    private const int OneKeptOf = 1000;

    private readonly Settings _settings;
    private readonly nint[][] _slots;            // [thread][slot]: the block, never 0 once filled
    private readonly Thread[] _threads;
    private readonly CountdownEvent _starting;   // threads that are not ready yet
    private readonly CountdownEvent _filling;    // threads that have not filled their slots yet
    private readonly ManualResetEvent _begin = new(false), _end = new(false);

    public Service(Settings settings)
    {
        _settings = settings;
        _slots = new nint[settings.Threads][];
        _threads = new Thread[settings.Threads];
        _starting = new CountdownEvent(settings.Threads);
        _filling = new CountdownEvent(settings.Threads);
    }

    /// <summary>Returns when the threads are there, with all that is not a block: their slots, the code, what the allocator
    /// has for each thread.</summary>
    public void Start()
    {
        for (int i = 0; i < _threads.Length; i++)
        {
            int index = i;
            _threads[i] = new Thread(() => FillAndSleep(index)) { IsBackground = true };
            _threads[i].Start();
        }
        _starting.Wait();
    }

    /// <summary>Returns when every slot has its block; the threads are asleep then.</summary>
    public void Fill()
    {
        _begin.Set();
        _filling.Wait();
    }

    public void EndThreads()
    {
        _end.Set();
        foreach (Thread thread in _threads) thread.Join();
    }

    /// <summary>Frees 999 of 1000 blocks from the calling thread, after a look at what they hold.</summary>
    /// <returns>Bytes of those that are left.</returns>
    public long FreeNearlyAll()
    {
        long liveBytes = 0;
        for (int thread = 0; thread < _slots.Length; thread++)
            for (int slot = 0; slot < _slots[thread].Length; slot++)
            {
                byte* block = (byte*)_slots[thread][slot];
                if (*block != Mark(thread)) throw new InvalidOperationException("A block does not hold what was written.");
                if (slot % OneKeptOf == 0)
                {
                    liveBytes += ((int*)block)[1];
                    continue;
                }
                NativeMemory.Free(block);
                _slots[thread][slot] = 0;
            }
        return liveBytes;
    }

    /// <summary>KB of the OS pages on which the blocks lie that are left.</summary>
    public long LivePagesKb()
    {
        var pages = new HashSet<nint>();
        nint pageBytes = Environment.SystemPageSize;
        foreach (nint block in _slots.SelectMany(slots => slots).Where(block => block != 0))
            for (nint page = block / pageBytes; page <= (block + ((int*)block)[1] - 1) / pageBytes; page++) pages.Add(page);
        return pages.Count * pageBytes / 1024;
    }

    public void Dispose()
    {
        EndThreads();
        _starting.Dispose();
        _begin.Dispose();
        _filling.Dispose();
        _end.Dispose();
    }

    private void FillAndSleep(int thread)
    {
        var random = new Random(thread + 1);
        var slots = new nint[_settings.SlotsPerThread];
        _slots[thread] = slots;
        slots.AsSpan().Fill(1);
        slots.AsSpan().Clear();
        NativeMemory.Free((void*)NewBlock(random, Mark(thread)));
        _starting.Signal();
        _begin.WaitOne();
        for (int round = 0; round <= _settings.Refills; round++)
            for (int i = 0; i < slots.Length; i++)
            {
                NativeMemory.Free((void*)slots[i]);
                slots[i] = NewBlock(random, Mark(thread));
            }
        _filling.Signal();
        _end.WaitOne();
    }

    // A block keeps its size in its second word of four bytes.
    private static nint NewBlock(Random random, byte mark)
    {
        int bytes = random.Next(10) == 0 ? random.Next(1024, 32 * 1024 + 1) : random.Next(16, 512 + 1);
        void* block = NativeMemory.Alloc((nuint)bytes);
        Unsafe.InitBlockUnaligned(block, mark, (uint)bytes);
        ((int*)block)[1] = bytes;
        return (nint)block;
    }

    private static byte Mark(int thread) => (byte)(thread * 7 + 1);
}
