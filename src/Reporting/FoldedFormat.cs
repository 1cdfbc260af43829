using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Reporting;

// One line a stack: frames from the outermost on with semicolons between them, a space, the weight. What flamegraph.pl, inferno
// and speedscope read.
public static class FoldedFormat
{
    public static void Write(Profile profile, Metric metric, TextWriter output)
    {
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        var line = new StringBuilder();
        foreach (Site site in profile.Sites)
        {
            line.Clear();
            foreach (Frame frame in site.Frames)
            {
                if (line.Length > 0) line.Append(';');
                Append(line, frame.Function);
            }
            if (line.Length == 0) line.Append("[no stack]");
            string stack = line.ToString();
            weights[stack] = weights.GetValueOrDefault(stack) + site.Value(metric);
        }
        foreach ((string stack, double weight) in weights.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            long rounded = (long)Math.Round(weight);
            if (rounded > 0) output.Write(string.Create(CultureInfo.InvariantCulture, $"{stack} {rounded}\n"));
        }
    }

    /// <summary>A semicolon or a line's end in a name would be taken for the format's own.</summary>
    static void Append(StringBuilder line, string name)
    {
        if (name.Length == 0) line.Append("[unknown]");
        foreach (char c in name) line.Append(c == ';' ? ':' : char.IsControl(c) ? ' ' : c);
    }
}
