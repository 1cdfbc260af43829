using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Reporting;

// The whole profile for programs. Lists are never null, each number's name ends with its unit, addresses are hexadecimal texts
// because they do not fit a number of JSON.
public static class JsonFormat
{
    /// <summary>Writes the profile as one object; the output is left open.</summary>
    public static void Write(Profile profile, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        WriteSummary(json, profile);
        WriteTexts(json, "remarks", profile.Remarks);

        json.WriteStartArray("timeline");
        foreach (TimelinePoint point in profile.Timeline)
        {
            json.WriteStartObject();
            json.WriteNumber("timeSeconds", point.Time.TotalSeconds);
            json.WriteNumber("rssBytes", point.RssBytes);
            json.WriteNumber("liveBytes", point.LiveBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        WriteModules(json, profile.Modules);
        var frameIndexes = new Dictionary<Frame, int>();
        var siteIndexes = new Dictionary<Site, int>(ReferenceEqualityComparer.Instance);
        WriteFrames(json, profile, frameIndexes);
        WriteSites(json, profile, frameIndexes, siteIndexes);
        WriteMarks(json, profile.Marks, siteIndexes);
        json.WriteEndObject();
    }

    static void WriteSummary(Utf8JsonWriter json, Profile profile)
    {
        WriteTexts(json, "command", profile.Command);
        json.WriteString("executable", profile.Executable);
        json.WriteNumber("processId", profile.ProcessId);
        json.WriteString("started", profile.Started.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteNumber("durationSeconds", profile.Duration.TotalSeconds);
        json.WriteNumber("peakTimeSeconds", profile.PeakTime.TotalSeconds);
        json.WriteNumber("intervalBytes", profile.IntervalBytes);
        json.WriteNumber("sampleCount", profile.SampleCount);
        json.WriteNumber("lostSampleCount", profile.LostCount);
        json.WriteStartObject("total");
        WriteWeights(json, Weights.Sum(profile.Sites));
        json.WriteEndObject();
    }

    /// <summary>The six weights, as members of the object that is open.</summary>
    public static void WriteWeights(Utf8JsonWriter json, Weights weights)
    {
        json.WriteNumber("liveBytes", weights.Live.Bytes);
        json.WriteNumber("liveCount", Rounded(weights.Live.Count));
        json.WriteNumber("peakBytes", weights.Peak.Bytes);
        json.WriteNumber("peakCount", Rounded(weights.Peak.Count));
        json.WriteNumber("allocatedBytes", weights.Allocated.Bytes);
        json.WriteNumber("allocatedCount", Rounded(weights.Allocated.Count));
    }

    /// <summary>Counts are estimates to the thousandth; sums of them should not end in 0000004.</summary>
    static double Rounded(double count) => Math.Round(count, 3);

    static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    static void WriteModules(Utf8JsonWriter json, IReadOnlyList<ProfileModule> modules)
    {
        json.WriteStartArray("modules");
        foreach (ProfileModule module in modules)
        {
            json.WriteStartObject();
            json.WriteString("path", module.Path);
            json.WriteString("startAddress", Hex(module.Start));
            json.WriteString("endAddress", Hex(module.End));
            json.WriteString("biasAddress", Hex(module.Bias));
            json.WriteString("buildId", module.BuildId);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteFrames(Utf8JsonWriter json, Profile profile, Dictionary<Frame, int> indexes)
    {
        json.WriteStartArray("frames");
        foreach (Site site in profile.Sites)
        {
            foreach (Frame frame in site.Frames)
            {
                if (!indexes.TryAdd(frame, indexes.Count)) continue;
                json.WriteStartObject();
                WriteFrame(json, frame);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    /// <summary>As members of the object that is open.</summary>
    public static void WriteFrame(Utf8JsonWriter json, Frame frame)
    {
        json.WriteString("function", frame.Function);
        json.WriteString("library", frame.Library);
        json.WriteString("file", frame.File);
        json.WriteNumber("lineNumber", frame.Line);
        json.WriteString("kind", frame.Kind switch
        {
            FrameKind.Native => "native",
            FrameKind.Managed => "managed",
            FrameKind.Runtime => "runtime",
            FrameKind.ObjectType => "objectType",
            _ => "unknown",
        });
    }

    static void WriteSites(Utf8JsonWriter json, Profile profile, Dictionary<Frame, int> frameIndexes, Dictionary<Site, int> siteIndexes)
    {
        json.WriteStartArray("sites");
        foreach (Site site in profile.Sites)
        {
            siteIndexes.Add(site, siteIndexes.Count);
            json.WriteStartObject();
            json.WriteString("thread", site.Thread);
            json.WriteBoolean("isComplete", site.IsComplete);
            json.WriteBoolean("isGcHeap", site.IsGcHeap);
            WriteWeights(json, Weights.Of(site));
            json.WriteStartArray("frameIndexes");       // outermost first
            foreach (Frame frame in site.Frames) json.WriteNumberValue(frameIndexes[frame]);
            json.WriteEndArray();
            json.WriteStartArray("addresses");          // innermost first, as recorded
            foreach (ulong address in site.Addresses) json.WriteStringValue(Hex(address));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteMarks(Utf8JsonWriter json, IReadOnlyList<ProfileMark> marks, Dictionary<Site, int> siteIndexes)
    {
        json.WriteStartArray("marks");
        foreach (ProfileMark mark in marks)
        {
            json.WriteStartObject();
            json.WriteNumber("timeSeconds", mark.Time.TotalSeconds);
            json.WriteString("reason", mark.Reason switch
            {
                MarkReason.MemoryRefused => "memoryRefused",
                MarkReason.LimitReached => "limitReached",
                _ => "askedFor",
            });
            json.WriteNumber("valueBytes", mark.Value);
            json.WriteStartArray("live");
            foreach ((Site site, Weight weight) in mark.Live)
            {
                if (!siteIndexes.TryGetValue(site, out int index)) continue;
                json.WriteStartObject();
                json.WriteNumber("siteIndex", index);
                json.WriteNumber("liveBytes", weight.Bytes);
                json.WriteNumber("liveCount", Rounded(weight.Count));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static string Hex(ulong address) => "0x" + address.ToString("x", CultureInfo.InvariantCulture);
}
