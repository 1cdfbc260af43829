using System;
using System.CommandLine;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

internal enum ReportFormat
{
    Html,
    Text,
    Folded,
    Json,
    Pprof,
    Speedscope,
    Jeprof,
}

// The options that verbs over profiles share, and how their values are read.
internal static class ProfileOptions
{
    public static Option<string> Metric() => new("--metric", "-m")
    {
        HelpName = "METRIC",
        Description = "live (default): bytes not freed at the end; peak: bytes that were live when most were; allocated: all bytes ever; count: all allocations by number",
    };

    public static Option<string> Output() => new("--output", "-o") { HelpName = "FILE", Description = "write there instead of to standard output" };

    /// <summary>Live where nothing was said.</summary>
    public static Metric ParseMetric(string? word) => word switch
    {
        null or "live" => Analysis.Metric.Live,
        "peak" => Analysis.Metric.Peak,
        "allocated" => Analysis.Metric.Allocated,
        "count" => Analysis.Metric.Count,
        _ => throw new UsageException($"--metric {word}: there is no such metric, only live, peak, allocated and count"),
    };

    /// <summary>Null where nothing was said.</summary>
    public static ReportFormat? ParseFormat(string? word, params ReportFormat[] known)
    {
        if (word is null) return null;
        foreach (ReportFormat format in known)
            if (Name(format) == word) return format;
        throw new UsageException($"--format {word}: there is no such format, only {string.Join(", ", known.Select(Name))}");
    }

    public static string Name(ReportFormat format) => format.ToString().ToLowerInvariant();

    /// <summary>"1.5 MiB", or "1,234" for a number of allocations.</summary>
    public static string Show(Metric metric, double value)
    {
        string sign = value < 0 ? "-" : "";
        ulong size = (ulong)Math.Round(Math.Abs(value));
        return sign + (metric == Analysis.Metric.Count ? Units.Count(size) : Units.Bytes(size));
    }

    /// <summary>As a heading: "live at the end".</summary>
    public static string Title(Metric metric) => metric switch
    {
        Analysis.Metric.Live => "live at the end",
        Analysis.Metric.Peak => "live at the peak",
        Analysis.Metric.Allocated => "allocated",
        _ => "allocations",
    };
}
