using System;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// What `leaks` found, for programs: all sites, suppressed ones too, with their series.
internal static class LeaksJson
{
    public static string Of(LeakReport report, IReadOnlyList<Profile> profiles) => ReportJson.Write(isIndented: true, json =>
    {
        ProfileJson.WriteTexts(json, "command", profiles[^1].Command);
        json.WriteNumber("fileCount", profiles.Count);
        ProfileJson.WriteTexts(json, "remarks", [.. profiles.SelectMany(profile => profile.Remarks).Distinct()]);
        json.WriteBoolean("hasGrowth", report.HasGrowth);
        json.WriteStartArray("seriesTimesSeconds");
        foreach (TimeSpan time in report.Times) json.WriteNumberValue(time.TotalSeconds);
        json.WriteEndArray();
        json.WriteStartArray("sites");
        foreach (LeakFinding site in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("verdict", site.Verdict.ToString().ToLowerInvariant());
            json.WriteString("suppressedBy", site.Suppression?.Pattern);
            json.WriteNumber("liveBytes", site.Live.Bytes);
            json.WriteNumber("liveCount", Math.Round(site.Live.Count, 3));
            json.WriteNumber("firstThirdBytes", Math.Round(site.FirstThirdBytes));
            json.WriteNumber("middleThirdBytes", Math.Round(site.MiddleThirdBytes));
            json.WriteNumber("lastThirdBytes", Math.Round(site.LastThirdBytes));
            json.WriteNumber("riseShare", Math.Round(site.RiseShare, 3));
            json.WriteNumber("trendBytesPerHour", Math.Round(site.TrendBytesPerHour));
            json.WriteStartArray("seriesBytes");
            foreach (long bytes in site.Series) json.WriteNumberValue(bytes);
            json.WriteEndArray();
            ProfileJson.WriteFrames(json, site.Frames);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
