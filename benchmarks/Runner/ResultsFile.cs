using System.Text.Json;

namespace Lampyris.Benchmarks;

/// <summary>Figures that have been taken, kept as JSON, so that they can be shown again.</summary>
internal static class ResultsFile
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write<T>(string path, T results) => File.WriteAllText(path, JsonSerializer.Serialize(results, s_json));

    /// <param name="path">Of the file.</param>
    /// <param name="command">That makes it.</param>
    /// <exception cref="CannotMeasureException">There is none yet.</exception>
    public static T Read<T>(string path, string command) =>
        File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), s_json)! : throw new CannotMeasureException($"no results yet in {path}; run {command} first");
}
