using System.Runtime;

namespace Lampyris;

// The profiler's beginning and end, and the plugin contract's `profiling`.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_heap_starts")]
    static void HeapStarts() => Recorder.HeapStarts((HeapRoot*)Host.RootStorage(HeapRoot.Bytes));

    /// <summary>
    /// If a profile is being taken, dumps it to files that begin with <paramref name="prefix"/> (null or empty: with the prefix of before);
    /// then switches profiling on or off. 0 when that can't be done.
    /// </summary>
    [RuntimeExport("lampyris_profile")]
    static byte Profile(byte active, byte* prefix)
    {
        bool done = ProfileDumps.Dump(prefix);
        if (active == 0) Recorder.Stop(EndReason.SwitchedOff);
        else if (!Recorder.IsOn) done &= ProfileDumps.Start();
        return (byte)(done ? 1 : 0);
    }
}
