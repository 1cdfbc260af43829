using System;
using System.Globalization;
using System.IO;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Reporting;

// The text that jeprof, google-pprof and `go tool pprof` read: addresses and where files were mapped. They look names up themselves, in
// the files, so that they show no .NET methods. The header calls it a heap profile that is not sampled: with heap_v2 and the
// interval these tools would scale the weights, which are estimates of everything already.
public static class JeprofFormat
{
    /// <summary>The first columns, "in use", hold what is live, or with <see cref="Metric.Peak"/> what was live at the peak; the second ones all that was allocated.</summary>
    public static void Write(Profile profile, Metric metric, TextWriter output)
    {
        Weight inUse = default, allocated = default;
        var stacks = new StringBuilder();
        foreach (Site site in profile.Sites)
        {
            if (site.IsGcHeap || site.Addresses.Count == 0) continue;
            Weight used = metric == Metric.Peak ? site.Peak : site.Live;
            inUse += used;
            allocated += site.Allocated;
            Columns(stacks, used, site.Allocated);
            stacks.Append(" @");
            foreach (ulong address in site.Addresses) stacks.Append(CultureInfo.InvariantCulture, $" 0x{address:x}");
            stacks.Append('\n');
        }
        var header = new StringBuilder("heap profile: ");
        Columns(header, inUse, allocated);
        output.Write(header.Append(" @ heapprofile\n"));
        foreach (ReadOnlyMemory<char> chunk in stacks.GetChunks()) output.Write(chunk.Span);
        output.Write("\nMAPPED_LIBRARIES:\n");
        foreach (ProfileModule module in profile.Modules)
        {
            string path = module.Path.ReplaceLineEndings(" ");
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{module.Start:x}-{module.End:x} r-xp {ImageOffset.Of(module, profile.Modules):x8} 00:00 0 {path}\n"));
        }
    }

    static void Columns(StringBuilder text, Weight used, Weight allocated) =>
        text.Append(CultureInfo.InvariantCulture, $"{Math.Round(used.Count):0}: {used.Bytes} [{Math.Round(allocated.Count):0}: {allocated.Bytes}]");
}
