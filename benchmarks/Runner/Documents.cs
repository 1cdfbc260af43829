namespace Lampyris.Benchmarks;

/// <summary>docs/measurements.md and its pictures. The text's prose is written by hand, what stands between the marks is ours.</summary>
internal static class Documents
{
    private const string End = "<!-- end -->";

    private static string Begin(string options) => $"<!-- written by ./bench {options}--update-docs: begin -->";

    public static void Update(Comparison comparison)
    {
        Replace(Begin(""), $"![The tables below as a picture](measurements.svg)\n\n{Tables.Write(comparison)}");
        File.WriteAllText(Path.Combine(Folders.Docs, "measurements.svg"), Picture.Draw(comparison));
    }

    public static void Update(ProfilerResults results) => Replace(Begin("--profiler "), new ProfilerTables(results).Write());

    public static void Update(Study study, StudyResults results)
    {
        string? picture = study.Draw(results);
        string link = picture is null ? "" : $"![The tables below as a picture]({study.Name}.svg)\n\n";
        Replace(Begin($"--study {study.Name} "), $"{link}{study.Write(results)}{results.Conditions}");
        if (picture is not null) File.WriteAllText(Path.Combine(Folders.Docs, $"{study.Name}.svg"), picture);
    }

    // What stands between a mark and the next end.
    private static void Replace(string mark, string content)
    {
        string path = Path.Combine(Folders.Docs, "measurements.md");
        string text = File.Exists(path) ? File.ReadAllText(path) : throw new CannotMeasureException($"no such file: {path}");
        int begin = text.IndexOf(mark, StringComparison.Ordinal), end = begin < 0 ? -1 : text.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < 0) throw new CannotMeasureException($"{path} has lost the marks around its generated part");

        File.WriteAllText(path, $"{text[..(begin + mark.Length)]}\n\n{content}\n{text[end..]}");
    }
}
