using System;
using System.Runtime;

namespace Lampyris;

// malloc_info: glibc's XML document with our figures. One `size` element for each class in use (with
// live blocks, where glibc lists free ones), then the totals under glibc's names.
static unsafe partial class Exports
{
    /// <summary>0, or EINVAL for options other than 0.</summary>
    [RuntimeExport("lampyris_print_xml")]
    static int PrintXml(int options, void* file)
    {
        if (options != 0) return InvalidArgument;
        HeapSnapshot now;
        HeapStats.Take(&now);

        Print(file, "<malloc version=\"lampyris-1\">"u8);
        Print(file, "<heap nr=\"0\">"u8);
        Print(file, "<sizes>"u8);
        uint from = 1;
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            uint to = SizeClasses.BlockBytes(i);
            if (now.ClassAllocatedCount[i] != 0)
            {
                TextLine line = default;
                line.Append("  <size"u8);
                AppendAttribute(&line, " from=\""u8, from);
                AppendAttribute(&line, " to=\""u8, to);
                AppendAttribute(&line, " total=\""u8, now.ClassLiveCount[i] * to);
                AppendAttribute(&line, " count=\""u8, now.ClassLiveCount[i]);
                AppendAttribute(&line, " allocated=\""u8, now.ClassAllocatedCount[i]);
                line.Append("/>"u8);
                Print(file, line);
            }
            from = to + 1;
        }
        Print(file, "</sizes>"u8);
        PrintTotal(file, "large"u8, now.LargeLiveCount, now.LargeLiveBytes);
        PrintSystem(file, &now);
        Print(file, "</heap>"u8);
        PrintTotal(file, "live"u8, now.LiveCount, now.LiveBytes);
        PrintTotal(file, "mmap"u8, now.HugeLiveCount, now.HugeLiveBytes);
        PrintSystem(file, &now);
        Print(file, "</malloc>"u8);
        return 0;
    }

    static void PrintSystem(void* file, HeapSnapshot* now)
    {
        PrintBytes(file, "<system type=\"current\""u8, HeldBytes(now) + now->HugeLiveBytes);
        PrintBytes(file, "<system type=\"max\""u8, now->PeakCommittedBytes);
        PrintBytes(file, "<system type=\"purged\""u8, now->PurgedBytes);
        PrintBytes(file, "<aspace type=\"total\""u8, now->ReservedBytes);
    }

    static void PrintTotal(void* file, ReadOnlySpan<byte> type, ulong count, ulong bytes)
    {
        TextLine line = default;
        line.Append("<total type=\""u8);
        line.Append(type);
        line.Append((byte)'"');
        AppendAttribute(&line, " count=\""u8, count);
        AppendAttribute(&line, " size=\""u8, bytes);
        line.Append("/>"u8);
        Print(file, line);
    }

    static void PrintBytes(void* file, ReadOnlySpan<byte> element, ulong bytes)
    {
        TextLine line = default;
        line.Append(element);
        AppendAttribute(&line, " size=\""u8, bytes);
        line.Append("/>"u8);
        Print(file, line);
    }

    static void AppendAttribute(TextLine* line, ReadOnlySpan<byte> opening, ulong value)
    {
        line->Append(opening);
        line->AppendDecimal((long)value);
        line->Append((byte)'"');
    }

    static void Print(void* file, ReadOnlySpan<byte> text)
    {
        TextLine line = default;
        line.Append(text);
        Print(file, line);
    }
}
