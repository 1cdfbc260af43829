using System;

namespace Lampyris;

// What `lampyris run` gets from the program it ran: at exit, the process that it started itself (and none of that
// one's children) writes its snapshot, raw, to the file it was told.
public static unsafe partial class Heap
{
    /// <summary>From the library's destructor. Does nothing unless asked by LAMPYRIS_EXIT_SNAPSHOT ("PARENTPID:PATH").</summary>
    public static void ProcessEnds()
    {
        byte* name = stackalloc byte[64];
        ReadOnlySpan<byte> text = Options.ExitSnapshotName;
        for (int i = 0; i < text.Length; i++) name[i] = text[i];
        byte* value = Host.GetEnvironment(name);
        if (value == null) return;
        long parent = 0;
        for (; *value is >= (byte)'0' and <= (byte)'9'; value++) parent = parent * 10 + (*value - '0');
        if (*value != ':' || parent != OsThread.ParentProcessId()) return;

        HeapSnapshot snapshot;
        HeapStats.Take(&snapshot);
        OsFile.Write(value + 1, &snapshot, sizeof(HeapSnapshot));      // where it fails, `run` says that none came
    }
}
