using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// A few free blocks of a pool in the hands of one thread, so that most calls touch nothing that threads share.
unsafe struct PoolMagazine
{
    public const int MaxBlocks = 64;

    public int Count;
    fixed ulong _blocks[MaxBlocks];             // void*; those below `Count`, the one to be used next is the last

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void** Blocks(PoolMagazine* magazine) => (void**)magazine->_blocks;
}

// A thread's magazines, one for each `NativePool` that it has used. The fields are followed by the magazines.
unsafe struct MagazineTable
{
    // In a type without static constructor: then its place is known to the code, and no test precedes the access.
    [ThreadStatic] public static MagazineTable* OfThisThread;

    public nuint Length;

    /// <summary>By the pool's number; null where the thread has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PoolMagazine** Magazines(MagazineTable* table) => (PoolMagazine**)(table + 1);

    /// <summary>The calling thread's magazine of a pool; null until it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PoolMagazine* Find(uint number)
    {
        MagazineTable* table = OfThisThread;
        return table != null && number < table->Length ? Magazines(table)[number] : null;
    }
}

// The tables of all threads. A thread reads its own one without a lock; whatever adds or takes away a magazine, a table, a pool or a
// number holds `s_lock`, whoever does it. When a thread has ended, its blocks go back to their pools, in the next garbage collection.
static unsafe class PoolMagazines
{
    const nuint MinLength = 8;

    static readonly Lock s_lock = new();
    static readonly List<nint> s_pools = [];    // PoolCore*, by number; 0: the number is free
    static readonly List<nint> s_tables = [];   // MagazineTable*, of all threads

    [ThreadStatic] static ThreadEndWatch? t_watch;

    /// <summary>The calling thread's magazine of a pool; it gets one if it has none.</summary>
    public static PoolMagazine* Get(uint number)
    {
        PoolMagazine* magazine = MagazineTable.Find(number);
        if (magazine != null) return magazine;
        lock (s_lock)
        {
            if (MagazineTable.OfThisThread == null || number >= MagazineTable.OfThisThread->Length) Grow(number + 1);
            magazine = (PoolMagazine*)NativeMemory.AllocZeroed((nuint)sizeof(PoolMagazine));
            return MagazineTable.Magazines(MagazineTable.OfThisThread)[number] = magazine;
        }
    }

    /// <summary>A number for a pool.</summary>
    public static uint Add(PoolCore* pool)
    {
        lock (s_lock)
        {
            int number = s_pools.IndexOf(0);
            if (number < 0)
            {
                number = s_pools.Count;
                s_pools.Add(0);
            }
            s_pools[number] = (nint)pool;
            return (uint)number;
        }
    }

    /// <summary>Forgets a pool and all blocks of it that threads hold. While nobody uses the pool.</summary>
    public static void Remove(uint number)
    {
        lock (s_lock)
        {
            foreach (nint table in s_tables)
            {
                if (number >= ((MagazineTable*)table)->Length) continue;
                ref PoolMagazine* magazine = ref MagazineTable.Magazines((MagazineTable*)table)[number];
                NativeMemory.Free(magazine);
                magazine = null;
            }
            s_pools[(int)number] = 0;
        }
    }

    /// <summary>Free blocks of a pool in the hands of all threads. While nobody uses the pool.</summary>
    public static long CountBlocks(uint number)
    {
        long count = 0;
        lock (s_lock)
        {
            foreach (nint table in s_tables)
                if (number < ((MagazineTable*)table)->Length && MagazineTable.Magazines((MagazineTable*)table)[number] is var magazine && magazine != null) count += magazine->Count;
        }
        return count;
    }

    // The calling thread gets its first table, or a longer one.
    static void Grow(nuint length)
    {
        length = Math.Max(MinLength, length * 2);
        MagazineTable* before = MagazineTable.OfThisThread, grown = (MagazineTable*)NativeMemory.AllocZeroed((nuint)sizeof(MagazineTable) + length * (nuint)sizeof(void*));
        grown->Length = length;
        if (before != null)
        {
            for (nuint number = 0; number < before->Length; number++) MagazineTable.Magazines(grown)[number] = MagazineTable.Magazines(before)[number];
            s_tables.Remove((nint)before);
            NativeMemory.Free(before);
        }
        s_tables.Add((nint)grown);
        MagazineTable.OfThisThread = grown;
        t_watch ??= new();
        t_watch.Table = (nint)grown;
    }

    static void End(MagazineTable* table)
    {
        lock (s_lock)
        {
            for (nuint number = 0; number < table->Length; number++)
            {
                PoolMagazine* magazine = MagazineTable.Magazines(table)[number];
                if (magazine == null) continue;
                if (magazine->Count != 0) ((PoolCore*)s_pools[(int)number])->Return(PoolMagazine.Blocks(magazine), (uint)magazine->Count);
                NativeMemory.Free(magazine);
            }
            s_tables.Remove((nint)table);
            NativeMemory.Free(table);
        }
    }

    // A thread-static object becomes garbage when its thread ends.
    sealed class ThreadEndWatch
    {
        public nint Table;                      // MagazineTable*

        ~ThreadEndWatch() => End((MagazineTable*)Table);
    }
}
