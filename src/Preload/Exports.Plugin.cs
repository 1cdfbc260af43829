using System.Runtime;

namespace Lampyris;

// What Plugin.c says about the heap to a host; Exports.Profile.cs has its profiler.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_status_line")]
    static void WriteStatusLine(byte* buffer, nuint bufferBytes) => HeapStatus.Write(buffer, bufferBytes);
}
