using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>Rows of cells as a Markdown table whose columns also line up on a terminal; all but the first are numbers.</summary>
internal sealed class MarkdownTable(string[] header)
{
    private readonly List<string[]> _rows = [header];

    public void Add(string[] row) => _rows.Add(row);

    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(column => _rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        for (int i = 0; i < _rows.Count; i++)
        {
            AppendLine(text, _rows[i].Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
            if (i == 0) AppendLine(text, widths.Select((width, column) => column == 0 ? new string('-', width) : new string('-', width - 1) + ":"));
        }
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
}
