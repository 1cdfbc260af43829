using System;
using System.Buffers.Text;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace Lampyris.Benchmarks;

/// <summary>This process's memory as the kernel counts it.</summary>
internal static class ProcessMemory
{
    private static readonly SafeFileHandle s_figures = File.OpenHandle("/proc/self/statm");

    /// <summary>Resident KB, from the second figure of /proc/self/statm (OS pages). Allocates nothing, so that looking again
    /// and again does not disturb the idle service.</summary>
    public static long ResidentKb()
    {
        Span<byte> text = stackalloc byte[128];
        text = text[..RandomAccess.Read(s_figures, text, 0)];
        return Utf8Parser.TryParse(text[(text.IndexOf((byte)' ') + 1)..], out long pages, out _)
            ? pages * Environment.SystemPageSize / 1024
            : throw new InvalidOperationException("/proc/self/statm has no second figure.");
    }
}
