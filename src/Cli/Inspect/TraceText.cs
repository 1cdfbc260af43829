using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Lampyris.Cli;

// The report of `inspect --trace` for people: a row for each call, a column for each size.
internal static class TraceText
{
    const int NameColumns = 11, SizeColumns = 11, CountColumns = 10, BytesColumns = 11;

    public static string Of(TraceReport report, Ink ink)
    {
        var text = new StringBuilder();
        ReportText.Header(text, ink, "trace" + ink.Dot + string.Join(' ', report.Command));
        ReportText.Row(text, ink, "exit", report.End.Kind == ChildEventKind.Killed
            ? $"{report.End.ExitCode}: ended by {Signals.Describe(report.End.Value)}" : Units.Count((ulong)report.End.ExitCode));
        ReportText.Row(text, ink, "traced", $"{Units.Count(report.ProgramCount, "program")}{ink.Dot}{Units.Count(report.TaskCount, "process or thread")}".Replace("process or threads", "processes and threads", System.StringComparison.Ordinal));
        ReportText.Row(text, ink, "by brk", $"{Units.Bytes(report.Of(MemoryCall.BrkGrow).Bytes)} in {Units.Count(report.Of(MemoryCall.BrkGrow).CallCount, "call")}");
        string smallest = report.SmallestMmapBytes is { } bytes ? $", the smallest of {Units.ExactBytes(bytes)}" : "";
        ReportText.Row(text, ink, "by mmap", $"{Units.Bytes(report.Of(MemoryCall.Mmap).Bytes)} in {Units.Count(report.Of(MemoryCall.Mmap).CallCount, "call")}{smallest}");
        Table(text, ink, report);
        text.AppendLine().Append("  ");
        HelpPage.Wrap(text, "Columns: calls by the size they are about. " + string.Join("; ", Shown(report).Select(call => Meaning(call.Call))) + ".", 2);
        text.AppendLine().Append("  ");
        HelpPage.Wrap(text, "glibc cuts blocks below 128 KiB from a heap that brk makes, in steps of at least 132 KiB; from 128 KiB on a block is an mmap of its own, "
            + "and what is freed raises that limit. "
            + $"Not counted: {Units.Count(report.LoaderCallCount, "call")} of the loader before the program, {Units.Count(report.OtherCallCount)} for files, shared memory and thread stacks.", 2);
        return text.ToString();
    }

    static IEnumerable<CallFigures> Shown(TraceReport report) => report.Calls.Where(call => call.CallCount + call.FailedCount > 0);

    static string Meaning(MemoryCall call) => call switch
    {
        MemoryCall.BrkGrow => "brk moves the end of the heap",
        MemoryCall.BrkShrink => "down: gives its end back",
        MemoryCall.Mmap => "mmap takes a mapping",
        MemoryCall.Munmap => "munmap gives one back",
        MemoryCall.Mremap => "mremap changes the size of one",
        MemoryCall.Madvise => "madvise says what pages are for, most often that they can go",
        _ => "mprotect opens or closes reserved memory",
    };

    static void Table(StringBuilder text, Ink ink, TraceReport report)
    {
        text.AppendLine();
        string head = "call".PadRight(NameColumns) + string.Concat(report.Calls[0].Sizes.Select(size => Title(size).PadLeft(SizeColumns)))
            + "calls".PadLeft(CountColumns) + "bytes".PadLeft(BytesColumns);
        text.Append("  ").AppendLine(ink.Label(head));
        foreach (CallFigures call in Shown(report))
        {
            text.Append("  ").Append(Name(call.Call).PadRight(NameColumns));
            foreach (CallSizes size in call.Sizes) text.Append((size.CallCount == 0 ? "-" : Units.Count(size.CallCount)).PadLeft(SizeColumns));
            text.Append(Units.Count(call.CallCount).PadLeft(CountColumns)).AppendLine(Units.Bytes(call.Bytes).PadLeft(BytesColumns));
            if (call.FailedCount > 0) text.Append("  ").AppendLine(ink.Warning($"{"",NameColumns}and {Units.Count(call.FailedCount)} refused by the kernel"));
        }
    }

    /// <summary>"below 128K", "from 128K", "from 1M"</summary>
    static string Title(CallSizes size) => size.FromBytes == 0 ? $"< {Short(size.BelowBytes ?? 0)}" : $">= {Short(size.FromBytes)}";

    static string Short(ulong bytes) => Units.ExactBytes(bytes);

    public static string Name(MemoryCall call) => call switch
    {
        MemoryCall.BrkGrow => "brk, up",
        MemoryCall.BrkShrink => "brk, down",
        _ => call.ToString().ToLowerInvariant(),
    };
}
