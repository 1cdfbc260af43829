namespace Lampyris;

// What this process itself could say of addresses, as finished Symbol records, for the files that begin anew: a dump, or one that was
// compacted. Only a host that knows names fills it (`FrameNames`). Under the recorder's lock.
public static unsafe class SymbolRecords
{
    const nuint MaxBytes = 256 * Units.MiB;                 // address space until it is used

    static byte* s_records;
    static nuint s_used;

    /// <summary>Goes up whenever all names are forgotten.</summary>
    public static int Round { get; private set; }

    public static void Clear()
    {
        Round++;
        if (s_records != null) OsMemory.Unmap(s_records, MaxBytes);
        s_records = null;
        s_used = 0;
    }

    /// <summary>Keeps a record. One for which there is no memory is in the profile's own file only.</summary>
    public static void Add(byte* record, nuint bytes)
    {
        if (s_records == null) s_records = OsMemory.Map(MaxBytes);
        if (s_records == null || bytes > MaxBytes - s_used) return;
        RawMemory.Copy(record, s_records + s_used, bytes);
        s_used += bytes;
    }

    public static void AppendTo(ref ProfileFile file)
    {
        if (s_used != 0) file.Append(s_records, s_used);
    }
}
