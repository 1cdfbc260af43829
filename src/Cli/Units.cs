using System;
using System.Globalization;

namespace Lampyris.Cli;

// Numbers as people read them. Sizes are binary (1 KiB = 1024 bytes), as the kernel counts them.
internal static class Units
{
    static readonly string[] s_names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>"0 B", "512 B", "1.5 KiB", "84.1 MiB": at most one digit after the point.</summary>
    public static string Bytes(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        while (Math.Round(value, 1) >= 1024 && unit < s_names.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return value.ToString("0.#", CultureInfo.InvariantCulture) + " " + s_names[unit];
    }

    /// <summary>"768 B", "1,152 B", "64 KiB": for sizes that stand side by side, nothing is rounded.</summary>
    public static string ExactBytes(ulong bytes) => bytes >= 1024 && bytes % 1024 == 0 ? Bytes(bytes) : Count(bytes) + " B";

    /// <summary>"1,204,331"</summary>
    public static string Count(ulong count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 thread", "4 threads"</summary>
    public static string Count(ulong count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    /// <summary>"3 ms", "12.42 s", "2 min 5 s", "3 h 2 min"</summary>
    public static string Time(double seconds)
    {
        if (seconds < 0.0995) return (seconds * 1000).ToString(seconds < 0.00995 ? "0.0" : "0", CultureInfo.InvariantCulture) + " ms";
        if (seconds < 60) return seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s";
        long whole = (long)seconds;
        return whole < 3600 ? $"{whole / 60} min {whole % 60} s" : $"{whole / 3600} h {whole / 60 % 60} min";
    }
}
