using System;
using System.Globalization;
using System.IO;

namespace Lampyris.Benchmarks;

/// <summary>This process's memory as the kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident KB, from the second figure of /proc/self/statm (OS pages).</summary>
    public static long ResidentKb()
    {
        string[] figures = File.ReadAllText("/proc/self/statm").Split(' ');
        return long.Parse(figures[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize / 1024;
    }
}
