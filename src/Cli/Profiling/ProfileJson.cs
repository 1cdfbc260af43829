using System.Collections.Generic;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Pieces of the JSON of `diff` and `leaks`, named as `report --format json` names them.
internal static class ProfileJson
{
    public static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    public static void WriteWeights(Utf8JsonWriter json, string name, Weights weights)
    {
        json.WriteStartObject(name);
        Reporting.JsonFormat.WriteWeights(json, weights);
        json.WriteEndObject();
    }

    /// <summary>Outermost first.</summary>
    public static void WriteFrames(Utf8JsonWriter json, IReadOnlyList<Frame> frames)
    {
        json.WriteStartArray("frames");
        foreach (Frame frame in frames)
        {
            json.WriteStartObject();
            Reporting.JsonFormat.WriteFrame(json, frame);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
