using System;
using System.Threading;

namespace Lampyris.Tests;

// A thread that allocates, fills, checks and frees, and hands blocks to others, until it is told to stop.
sealed unsafe class Worker
{
    const int SlotCount = 30_000, FewSlots = 3_000, MaxBytes = 600, RareMaxBytes = 16_000, BoxCount = 512;

    // Blocks on their way from one thread to another.
    static readonly nint[] s_boxes = new nint[BoxCount];

    readonly Thread _thread;
    readonly nint[] _blocks = new nint[SlotCount];
    readonly int[] _bytes = new int[SlotCount];
    ulong _random;
    volatile bool _stops;
    long _operations;

    public Worker(ulong seed)
    {
        _random = seed * 0x9E3779B97F4A7C15;
        _thread = new Thread(Work);
        _thread.Start();
    }

    public long Stop()
    {
        _stops = true;
        _thread.Join();
        return _operations;
    }

    void Work()
    {
        for (; !_stops; _operations++)
        {
            // Now many slots, now few: pages fill up and fall empty, and the purger has something to do.
            int slots = (_operations >> 15) % 4 == 0 ? SlotCount : FewSlots;
            int slot = (int)(Next() % (ulong)slots);
            if (_blocks[slot] == 0) Obtain(slot);
            else Release(slot);
            if (Next() % 64 == 0)
            {
                nint sent = (nint)GlobalAllocator.Allocate((nuint)(Next() % MaxBytes));
                GlobalAllocator.Deallocate((void*)Interlocked.Exchange(ref s_boxes[Next() % BoxCount], sent));
            }
        }
        for (int slot = 0; slot < SlotCount; slot++)
            if (_blocks[slot] != 0) Release(slot);
    }

    void Obtain(int slot)
    {
        int bytes = 1 + (int)(Next() % (Next() % 64 == 0 ? RareMaxBytes : (ulong)MaxBytes));
        byte* block = (byte*)GlobalAllocator.Allocate((nuint)bytes);
        for (int i = 0; i < bytes; i++) block[i] = (byte)(slot + i);
        _blocks[slot] = (nint)block;
        _bytes[slot] = bytes;
    }

    void Release(int slot)
    {
        byte* block = (byte*)_blocks[slot];
        for (int i = 0; i < _bytes[slot]; i++)
            if (block[i] != (byte)(slot + i)) Environment.FailFast($"block {(nint)block:x} of {_bytes[slot]} bytes has changed at {i}");
        GlobalAllocator.Deallocate(block);
        _blocks[slot] = 0;
    }

    ulong Next()
    {
        ulong x = _random;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        return _random = x;
    }
}
