using System;
using System.Runtime;

namespace Lampyris;

// glibc's ways to ask a malloc how it is, answered from a `HeapSnapshot`. Fields for which this heap
// has no counterpart (free chunks, fast bins, the top) are 0.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_trim")]
    static int Trim(ThreadCache* cache) => Heap.Trim(cache) ? 1 : 0;

    /// <summary>Every option is accepted and none has an effect: they tune glibc's heap. 1 = success.</summary>
    [RuntimeExport("lampyris_mallopt")]
    static int MallOpt(int option, int value) => 1;

    /// <summary>Fills a `struct mallinfo2`: arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost.</summary>
    [RuntimeExport("lampyris_mallinfo2")]
    static void MallInfo2(nuint* fields)
    {
        HeapSnapshot now;
        HeapStats.Take(&now);
        ulong live = now.LiveBytes - now.HugeLiveBytes;
        ulong held = HeldBytes(&now);
        for (int i = 0; i < 10; i++) fields[i] = 0;
        fields[0] = (nuint)held;
        fields[3] = (nuint)now.HugeLiveCount;
        fields[4] = (nuint)now.HugeLiveBytes;
        fields[7] = (nuint)live;
        fields[8] = (nuint)(held > live ? held - live : 0);
        fields[9] = (nuint)now.RetainedBytes;
    }

    /// <summary>The same as ints; what does not fit is the largest int.</summary>
    [RuntimeExport("lampyris_mallinfo")]
    static void MallInfo(int* fields)
    {
        nuint* wide = stackalloc nuint[10];
        MallInfo2(wide);
        for (int i = 0; i < 10; i++) fields[i] = (int)Math.Min(wide[i], (nuint)int.MaxValue);
    }

    /// <summary>malloc_stats: a few lines to <paramref name="file"/>, which is stderr.</summary>
    [RuntimeExport("lampyris_print_stats")]
    static void PrintStats(void* file)
    {
        HeapSnapshot now;
        HeapStats.Take(&now);
        PrintFigure(file, "system bytes     = "u8, HeldBytes(&now) + now.HugeLiveBytes);
        PrintFigure(file, "in use bytes     = "u8, now.LiveBytes);
        PrintFigure(file, "max system bytes = "u8, now.PeakCommittedBytes);
        PrintFigure(file, "max mmap regions = "u8, now.HugeAllocatedCount);
        PrintFigure(file, "purged bytes     = "u8, now.PurgedBytes);
        PrintFigure(file, "threads          = "u8, now.ThreadCount);
    }

    static void PrintFigure(void* file, ReadOnlySpan<byte> name, ulong value)
    {
        TextLine line = default;
        line.Append(name);
        line.AppendDecimal((long)value);
        Print(file, line);
    }

    static void Print(void* file, in TextLine line)
    {
        byte* text = stackalloc byte[TextLine.MaxBytes + 1];
        int length = line.CopyTo(text);
        text[length++] = (byte)'\n';
        Native.Print(file, text, (nuint)length);
    }

    // Bytes in arenas that are backed by memory: in use, or kept for the next use.
    static ulong HeldBytes(HeapSnapshot* now) => now->CommittedBytes + now->RetainedBytes - now->HugeLiveBytes;
}
