namespace Lampyris;

// Profiling as the plugin contract has it: dump what there is to files whose names begin with a prefix, then switch. A
// dump is two files, PREFIX.PID.NUMBER.lprof and, for jeprof and google-pprof, PREFIX.PID.NUMBER.heap.
public static unsafe class ProfileDumps
{
    static SpinLock s_lock;
    static int s_count;
    static bool s_hasPrefix;
    static byte* s_prefix;

    /// <summary>
    /// If a profile is being taken, dumps it to files that begin with <paramref name="prefix"/> (null or empty: with the prefix of before);
    /// then switches profiling on or off. False when that can't be done; a line says why.
    /// </summary>
    public static bool Switch(bool active, byte* prefix)
    {
        bool done = Dump(prefix);
        if (!active) Recorder.Stop(EndReason.SwitchedOff);
        else if (!Recorder.IsOn) done &= Start();
        return done;
    }

    /// <summary>Keeps the prefix, if it is one, and dumps to it, if a profile is being taken. False when that can't be done; a line says why.</summary>
    static bool Dump(byte* prefix)
    {
        byte* path = stackalloc byte[HeapRoot.ProfilePathBytes];
        if (!KeepPrefix(prefix)) return false;
        if (!Recorder.IsOn) return true;
        return Name(".lprof\0"u8, path, next: true) && Recorder.Dump(path) && Name(".heap\0"u8, path, next: false) && Recorder.DumpText(path)
            || Complain();
    }

    /// <summary>Begins a profile, in a file named as a dump is. False when that can't be done; a line says why.</summary>
    static bool Start()
    {
        byte* path = stackalloc byte[HeapRoot.ProfilePathBytes];
        if (!KeepPrefix(null)) return false;
        return Name(".lprof\0"u8, path, next: true) && Recorder.Start(path, Options.Read(Options.ProfileInterval), Options.Read(Options.ProfileLimit), openNow: true) || Complain();
    }

    static bool KeepPrefix(byte* prefix)
    {
        s_lock.Enter();
        if (s_prefix == null) s_prefix = OsMemory.Map(HeapRoot.ProfilePathBytes);
        bool kept = s_prefix != null;
        if (kept && prefix != null && *prefix != 0) kept = s_hasPrefix = ProfilePath.TryMakeAbsolute(prefix, s_prefix, HeapRoot.ProfilePathBytes);
        else if (kept && !s_hasPrefix)
        {
            fixed (byte* usual = "lampyris\0"u8) kept = s_hasPrefix = ProfilePath.TryMakeAbsolute(usual, s_prefix, HeapRoot.ProfilePathBytes);
        }
        s_lock.Exit();
        return kept || Complain();
    }

    static bool Name(System.ReadOnlySpan<byte> ending, byte* into, bool next)
    {
        s_lock.Enter();
        if (next) s_count++;
        bool fits = ProfilePath.TryNumber(s_prefix, OsThread.ProcessId(), s_count, ending, into, HeapRoot.ProfilePathBytes);
        s_lock.Exit();
        return fits;
    }

    static bool Complain()
    {
        ErrorOutput.Write("profile: no dump could be written: the prefix leads to no folder that may be written to, or is too long"u8);
        return false;
    }
}
