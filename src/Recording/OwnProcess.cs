namespace Lampyris;

// Whether this is still the process that was noted, or one that was forked off without anybody being told: asked at each sample and
// each of their frees. A word in memory that the kernel clears in forked processes answers without a system call.
static unsafe class OwnProcess
{
    static int* s_mark;                 // 1 in the process that was noted; null: this kernel can't clear it
    static int s_id;

    /// <summary>The noted process.</summary>
    public static int Id => s_id;

    /// <summary>True in the process that was noted, and in one that shares its memory.</summary>
    public static bool IsThis => s_mark != null ? *s_mark != 0 : OsThread.ProcessId() == s_id;

    /// <summary>Notes the calling process.</summary>
    public static void Note()
    {
        s_id = OsThread.ProcessId();
        if (s_mark == null) s_mark = NewMark();
        if (s_mark != null) *s_mark = 1;
    }

    static int* NewMark()
    {
        byte* mark = OsMemory.Map(OsMemory.OsPage);
        if (mark == null || OsMemory.WipeOnFork(mark, OsMemory.OsPage)) return (int*)mark;
        OsMemory.Unmap(mark, OsMemory.OsPage);
        return null;
    }
}
