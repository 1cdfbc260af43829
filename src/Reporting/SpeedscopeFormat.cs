using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Reporting;

// The file format of https://www.speedscope.app: each metric is a profile of its own that the page lets one choose.
public static class SpeedscopeFormat
{
    static readonly (Metric Metric, string Name, string Unit)[] s_profiles =
    [
        (Metric.Live, "live at the end", "bytes"),
        (Metric.Peak, "live at the peak", "bytes"),
        (Metric.Allocated, "allocated", "bytes"),
        (Metric.Count, "allocations", "none"),
    ];

    /// <param name="profile">as a filter has left it</param>
    /// <param name="metric">which of the profiles is shown first</param>
    /// <param name="output">is left open</param>
    public static void Write(Profile profile, Metric metric, Stream output)
    {
        var indexes = new Dictionary<Frame, int>();
        var frames = new List<Frame>();
        foreach (Site site in profile.Sites)
        {
            foreach (Frame frame in site.Frames)
                if (indexes.TryAdd(frame, frames.Count)) frames.Add(frame);
        }

        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("$schema", "https://www.speedscope.app/file-format-schema.json");
        json.WriteString("name", string.Join(' ', profile.Command));
        json.WriteString("exporter", "lampyris");
        json.WriteNumber("activeProfileIndex", (int)metric);
        json.WriteStartObject("shared");
        json.WriteStartArray("frames");
        foreach (Frame frame in frames)
        {
            json.WriteStartObject();
            json.WriteString("name", frame.Function);
            string file = frame.File.Length > 0 ? frame.File : frame.Library;
            if (file.Length > 0) json.WriteString("file", file);
            if (frame.Line > 0) json.WriteNumber("line", frame.Line);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("profiles");
        foreach ((Metric each, string name, string unit) in s_profiles) WriteProfile(json, profile, each, name, unit, indexes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteProfile(Utf8JsonWriter json, Profile profile, Metric metric, string name, string unit, Dictionary<Frame, int> indexes)
    {
        double sum = 0;
        json.WriteStartObject();
        json.WriteString("type", "sampled");
        json.WriteString("name", name);
        json.WriteString("unit", unit);
        json.WriteStartArray("samples");
        foreach (Site site in profile.Sites)
        {
            if (!(site.Value(metric) > 0)) continue;
            json.WriteStartArray();
            foreach (Frame frame in site.Frames) json.WriteNumberValue(indexes[frame]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartArray("weights");
        foreach (Site site in profile.Sites)
        {
            double weight = site.Value(metric);
            if (!(weight > 0)) continue;
            sum += weight;
            json.WriteNumberValue(weight);
        }
        json.WriteEndArray();
        json.WriteNumber("startValue", 0);
        json.WriteNumber("endValue", sum);
        json.WriteEndObject();
    }
}
