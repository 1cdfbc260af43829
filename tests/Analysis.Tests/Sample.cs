using System;
using System.Collections.Generic;
using System.IO;

namespace Lampyris.Analysis.Tests;

// Small profiles for the tests, written by `ProfileWriter` and read back.
internal static class Sample
{
    public const ulong ProgramStart = 0x5555_0000_0000, LibraryStart = 0x7fff_0000_0000;

    public static readonly DateTimeOffset Started = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static Weight Bytes(long bytes, double count = 1) => new(bytes, count);

    public static Frame Native(string function, string library = "app", string file = "", int line = 0) => new(function, library, file, line, FrameKind.Native);

    public static byte[] Write(Action<ProfileWriter> records, long intervalBytes = 4096)
    {
        var stream = new MemoryStream();
        using (var writer = ProfileWriter.Begin(stream, 4711, Started, intervalBytes)) records(writer);
        return stream.ToArray();
    }

    public static Profile Read(byte[] file, bool hasSeries = false) =>
        ProfileReader.Read(new MemoryStream(file), "test.lmpy", new ReadOptions(hasSeries));

    public static Profile Read(Action<ProfileWriter> records, bool hasSeries = false) => Read(Write(records), hasSeries);

    /// <summary>One of every record, with native, managed, runtime and inlined frames, one address without a name and a GC heap stack.</summary>
    public static void Everything(ProfileWriter writer)
    {
        writer.Process(["/usr/bin/app", "--size", "two words"], "/usr/bin/app");
        writer.Module(ProgramStart, ProgramStart + 0x10_0000, ProgramStart, "/usr/bin/app", [0xAB, 0xCD, 0xEF]);
        writer.Module(LibraryStart, LibraryStart + 0x20_0000, LibraryStart, "/lib/libwork.so.1");
        int main = writer.Thread("main"), worker = writer.Thread("worker");
        int first = writer.Stack(main, StackTraits.Complete, [ProgramStart + 0x1000, ProgramStart + 0x2000]);
        int second = writer.Stack(worker, StackTraits.CutAtDepth, [LibraryStart + 0x300, ProgramStart + 0x3000, ProgramStart + 0x2000]);
        writer.Memory(Ms(1), 1 << 20, 0);
        writer.Allocation(Ms(2), first, Bytes(4096, 2.5));
        writer.Allocation(Ms(3), second, Bytes(8192, 8));
        writer.Memory(Ms(4), 2 << 20, 12288);
        writer.Mark(Ms(5), MarkReason.LimitReached, 1 << 30);
        writer.Free(Ms(6), first, Bytes(4096, 2.5));
        writer.Allocation(Ms(7), first, Bytes(1024, 1));
        writer.Lost(3);
        writer.Memory(Ms(8), 3 << 20, 9216);
        writer.End(Ms(10), EndReason.ProcessEnded);
        writer.Symbol(ProgramStart + 0x1000, [Native("grow", file: "grow.c", line: 12), Native("fill", file: "fill.c", line: 34)]);
        writer.Symbol(ProgramStart + 0x2000, [Native("main", file: "main.c", line: 5)]);
        writer.Symbol(ProgramStart + 0x3000, [new Frame("System.Threading.Thread.Start()", "System.Private.CoreLib.dll", "", 0, FrameKind.Managed)]);
        int objects = writer.Stack(main, StackTraits.Complete | StackTraits.GcHeap, [ProgramStart + 0x3000, ProgramStart + 0x2000]);
        writer.Allocation(Ms(10), objects, Bytes(100_000, 1000));
        writer.ObjectType(objects, "System.String");
    }

    /// <summary>Outermost first, as `a;b;c`.</summary>
    public static string Folded(IReadOnlyList<Frame> frames)
    {
        var names = new List<string>();
        foreach (Frame frame in frames) names.Add(frame.Function);
        return string.Join(';', names);
    }

    /// <summary>The only site with this stack.</summary>
    public static Site At(this Profile profile, string folded)
    {
        Site? found = null;
        foreach (Site site in profile.Sites)
        {
            if (Folded(site.Frames) != folded) continue;
            Xunit.Assert.Null(found);
            found = site;
        }
        Xunit.Assert.NotNull(found);
        return found;
    }
}
