using System.Runtime;

namespace Lampyris;

// What Plugin.c says about the heap to a host.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_status_line")]
    static void WriteStatusLine(byte* buffer, nuint bufferBytes) => HeapStatus.Write(buffer, bufferBytes);

    // Profiling is never on, so there is nothing to dump; to switch it off is to leave it as it is.
    [RuntimeExport("lampyris_profile")]
    static byte Profile(byte active, byte* prefix)
    {
        if (active != 0) ErrorOutput.Write("profiling: this version has no heap profiler, so it stays off"u8);
        return 0;
    }
}
