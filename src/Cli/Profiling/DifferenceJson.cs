using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// A difference for programs: every stack that changed, with all its weights before and after.
internal static class DifferenceJson
{
    public static string Of(ProfileDifference difference, Metric metric) => ReportJson.Write(isIndented: true, json =>
    {
        json.WriteString("metric", metric.ToString().ToLowerInvariant());
        Side(json, "before", difference.Before, difference.BeforeTotal);
        Side(json, "after", difference.After, difference.AfterTotal);
        json.WriteStartArray("changes");
        foreach (DifferenceRow row in difference.Changed(metric))
        {
            json.WriteStartObject();
            json.WriteString("kind", row.Kind(metric)!.Value.ToString().ToLowerInvariant());
            json.WriteNumber(metric == Metric.Count ? "changeCount" : "changeBytes", row.Change(metric));
            ProfileJson.WriteWeights(json, "before", row.Before);
            ProfileJson.WriteWeights(json, "after", row.After);
            ProfileJson.WriteFrames(json, row.Frames);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    static void Side(Utf8JsonWriter json, string name, Profile profile, Weights total)
    {
        json.WriteStartObject(name);
        ProfileJson.WriteTexts(json, "command", profile.Command);
        json.WriteNumber("durationSeconds", profile.Duration.TotalSeconds);
        ProfileJson.WriteTexts(json, "remarks", profile.Remarks);
        ProfileJson.WriteWeights(json, "total", total);
        json.WriteEndObject();
    }
}
