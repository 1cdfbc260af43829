using System;

namespace Lampyris;

// What `lampyris run` gets from the program it ran: at exit, the process that it started itself (and none of that
// one's children) writes its snapshot, raw, to the file it was told, and behind it what the kernel says of the
// process: nobody else can know how large it was at the very end.
public static unsafe partial class Heap
{
    const int StatusBytes = 2048;           // of /proc/self/status: what matters comes early

    /// <summary>From the library's destructor, or on `_exit`. Does nothing unless asked by LAMPYRIS_EXIT_SNAPSHOT ("PARENTPID:PATH").</summary>
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

        byte* record = stackalloc byte[sizeof(HeapSnapshot) + StatusBytes];
        HeapStats.Take((HeapSnapshot*)record);
        byte* status = record + sizeof(HeapSnapshot);
        text = "/proc/self/status\0"u8;
        for (int i = 0; i < text.Length; i++) status[i] = text[i];
        int statusBytes = OsFile.Read(status, status, StatusBytes);
        OsFile.Write(value + 1, record, sizeof(HeapSnapshot) + (statusBytes < 0 ? 0 : statusBytes));     // where it fails, `run` says that none came
    }
}
