using System.Runtime;

namespace Lampyris;

// The profiler's beginning and end, and the plugin contract's `profiling`.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_heap_starts")]
    static void HeapStarts() => Recorder.HeapStarts((HeapRoot*)Host.RootStorage(HeapRoot.Bytes));

    [RuntimeExport("lampyris_profile")]
    static byte Profile(byte active, byte* prefix) => (byte)(ProfileDumps.Switch(active != 0, prefix) ? 1 : 0);
}
