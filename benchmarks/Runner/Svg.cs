using System.Globalization;
using System.Security;
using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>An SVG document that grows element by element: what all pictures share, from the colours to the allocators' marks.</summary>
/// <remarks>Readable on light and dark pages: the colours follow the reader's setting.</remarks>
internal sealed class Svg
{
    private const string Style = """
        <style>
          text { font: 13px system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; fill: #24292f; }
          .title { font-size: 17px; font-weight: 600; } .panel { font-weight: 600; } .mean { font-weight: 600; }
          .quiet { fill: #57606a; font-size: 12px; } .page { fill: #ffffff; } .band { fill: #f3f4f6; }
          .grid { stroke: #d0d7de; } .one { stroke: #57606a; stroke-width: 1.5; }
          .lampyris { fill: #d97706; stroke: #ffffff; } .glibc { fill: #8250df; } .jemalloc { fill: #0969da; }
          .tcmalloc { fill: #1a7f37; } .control { fill: none; stroke: #6e7781; stroke-width: 1.5; } .other { fill: #bf3989; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; } .quiet { fill: #9198a1; } .page { fill: #0d1117; } .band { fill: #161b22; }
            .grid { stroke: #30363d; } .one { stroke: #9198a1; }
            .lampyris { fill: #fbbf24; stroke: #0d1117; } .glibc { fill: #bc8cff; } .jemalloc { fill: #58a6ff; }
            .tcmalloc { fill: #3fb950; } .control { stroke: #9198a1; } .other { fill: #f778ba; }
          }
        </style>
        """;

    private readonly StringBuilder _text = new();

    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="label">For whoever can't see the picture.</param>
    public Svg(int width, int height, string label)
    {
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{SecurityElement.Escape(label)}">""");
        Add(Style);
        Add($"""<rect class="page" width="{width}" height="{height}"/>""");
    }

    public void Add(string line) => _text.AppendLine(line);

    public void Text(double x, double y, string text, string style = "", string anchor = "start") =>
        Add($"""<text class="{style}" x="{Number(x)}" y="{Number(y)}" text-anchor="{anchor}">{SecurityElement.Escape(text)}</text>""");

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        Add($"""<line class="{style}" x1="{Number(x1)}" x2="{Number(x2)}" y1="{Number(y1)}" y2="{Number(y2)}"/>""");

    /// <summary>Shape and colour both tell the allocator.</summary>
    public void Mark(string name, double x, double y) => Add(name switch
    {
        "lampyris" => $"""<path class="lampyris" d="M{Number(x)} {Number(y - 8)} l7.5 8 l-7.5 8 l-7.5 -8 z"/>""",
        "glibc" => $"""<circle class="glibc" cx="{Number(x)}" cy="{Number(y)}" r="4.5"/>""",
        "jemalloc" => $"""<rect class="jemalloc" x="{Number(x - 4)}" y="{Number(y - 4)}" width="8" height="8"/>""",
        "tcmalloc" => $"""<path class="tcmalloc" d="M{Number(x)} {Number(y - 5)} l5.5 9.5 h-11 z"/>""",
        Allocator.Control or ScalingStudy.Ceiling => $"""<circle class="control" cx="{Number(x)}" cy="{Number(y)}" r="4"/>""",
        _ => $"""<path class="other" d="M{Number(x)} {Number(y + 5)} l5.5 -9.5 h-11 z"/>""",
    });

    /// <summary>Mark and name of each, in one row.</summary>
    public void Legend(double x, double y, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            Mark(name, x, y);
            Text(x + 12, y + 4.5, name);
            x += 40 + 8 * name.Length;
        }
    }

    /// <summary>The whole document.</summary>
    public string Close()
    {
        Add("</svg>");
        return _text.ToString();
    }

    public static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
