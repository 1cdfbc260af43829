namespace Lampyris.Analysis;

internal static class RustName
{
    public static string? Readable(string name) => null;
}
