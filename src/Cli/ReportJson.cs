using System;
using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lampyris.Cli;

// The reports for machines. Lists are never null, every number says its unit, what is not known is null.
internal static class ReportJson
{
    public static string Of(RunReport report) => Write(isIndented: true, json =>
    {
        json.WriteStartArray("command");
        foreach (string argument in report.Command) json.WriteStringValue(argument);
        json.WriteEndArray();
        json.WriteNumber("processId", report.ProcessId);
        json.WriteString("program", report.Program);

        json.WriteStartObject("allocator");
        json.WriteString("name", report.Allocator.Name);
        json.WriteString("libraryPath", report.Allocator.LibraryPath);
        json.WriteString("inEffect", report.InEffect switch { InEffect.Yes => "yes", InEffect.No => "no", _ => "unknown" });
        json.WriteString("reason", report.Reason);
        json.WriteEndObject();

        bool isKilled = report.End.Kind == ChildEventKind.Killed;
        json.WriteNumber("exitCode", report.End.ExitCode);
        WriteNumber(json, "signalNumber", isKilled ? (ulong)report.End.Value : null);
        json.WriteBoolean("isCoreDumped", report.End.IsCoreDumped);
        WriteSeconds(json, "wallSeconds", report.WallSeconds);
        WriteSeconds(json, "userSeconds", report.UserSeconds);
        WriteSeconds(json, "systemSeconds", report.SystemSeconds);
        WriteNumber(json, "peakRssBytes", report.PeakRssBytes);
        json.WriteString("peakRssSource", Name(report.PeakRssSource));
        WriteNumber(json, "finalRssBytes", report.FinalRssBytes);
        WriteSeconds(json, "finalRssAgeSeconds", report.FinalRssAgeSeconds);
        WriteNumber(json, "peakThreadCount", (ulong?)report.PeakThreadCount);
        json.WriteString("heapSource", Name(report.HeapSource));
        WriteSeconds(json, "heapAgeSeconds", report.Heap is null ? null : report.HeapAgeSeconds);
        if (report.Heap is null) json.WriteNull("heap");
        else WriteHeap(json, report.Heap);
    });

    /// <param name="isIndented">False: one line, for a reader that takes one report after another.</param>
    public static string Of(LiveReport report, bool isIndented) => Write(isIndented, json =>
    {
        json.WriteNumber("processId", report.ProcessId);
        json.WriteString("program", report.Program);
        json.WriteNumber("rssBytes", report.RssBytes);
        json.WriteNumber("peakRssBytes", report.PeakRssBytes);
        json.WriteNumber("threadCount", report.ThreadCount);
        WriteHeap(json, report.Heap);
    });

    static void WriteHeap(Utf8JsonWriter json, HeapFigures heap)
    {
        json.WriteStartObject("heap");
        json.WriteNumber("liveBytes", heap.LiveBytes);
        json.WriteNumber("liveCount", heap.LiveCount);
        json.WriteNumber("allocatedBytes", heap.AllocatedBytes);
        json.WriteNumber("allocatedCount", heap.AllocatedCount);
        json.WriteNumber("freedBytes", heap.FreedBytes);
        json.WriteNumber("freedCount", heap.FreedCount);
        json.WriteNumber("reservedBytes", heap.ReservedBytes);
        json.WriteNumber("committedBytes", heap.CommittedBytes);
        json.WriteNumber("peakCommittedBytes", heap.PeakCommittedBytes);
        json.WriteNumber("retainedBytes", heap.RetainedBytes);
        json.WriteNumber("purgedBytes", heap.PurgedBytes);
        json.WriteNumber("metadataBytes", heap.MetadataBytes);
        json.WriteNumber("threadCount", heap.ThreadCount);
        json.WriteNumber("peakThreadCount", heap.PeakThreadCount);
        json.WriteNumber("startedThreadCount", heap.StartedThreadCount);
        json.WriteNumber("remoteFreeCount", heap.RemoteFreeCount);
        json.WriteStartArray("sizes");
        foreach (SizeFigures size in heap.Sizes)
        {
            json.WriteStartObject();
            json.WriteString("label", size.Label);
            WriteNumber(json, "blockBytes", size.BlockBytes == 0 ? null : size.BlockBytes);
            json.WriteNumber("allocatedCount", size.AllocatedCount);
            json.WriteNumber("allocatedBytes", size.AllocatedBytes);
            json.WriteNumber("liveCount", size.LiveCount);
            json.WriteNumber("liveBytes", size.LiveBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static string Write(bool isIndented, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = isIndented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    internal static void WriteNumber(Utf8JsonWriter json, string name, ulong? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    static void WriteSeconds(Utf8JsonWriter json, string name, double? seconds)
    {
        if (seconds is { } value) json.WriteNumber(name, Math.Round(value, 6));
        else json.WriteNull(name);
    }

    static string Name(FigureSource source) => source switch
    {
        FigureSource.Exit => "exit",
        FigureSource.Sample => "sample",
        _ => "none",
    };
}
