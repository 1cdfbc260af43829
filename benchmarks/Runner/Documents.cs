namespace Lampyris.Benchmarks;

/// <summary>docs/measurements.md and its picture. The text's prose is written by hand, what stands between the two marks is ours.</summary>
internal static class Documents
{
    private const string Begin = "<!-- written by ./bench --update-docs: begin -->", End = "<!-- end -->";

    public static void Update(Comparison comparison)
    {
        string path = Path.Combine(Folders.Docs, "measurements.md");
        string text = File.Exists(path) ? File.ReadAllText(path) : throw new CannotMeasureException($"no such file: {path}");
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new CannotMeasureException($"{path} has lost the marks around its generated part");

        File.WriteAllText(path, $"{text[..(begin + Begin.Length)]}\n\n![The tables below as a picture](measurements.svg)\n\n{Tables.Write(comparison)}\n{text[end..]}");
        File.WriteAllText(Path.Combine(Folders.Docs, "measurements.svg"), Picture.Draw(comparison));
    }
}
