using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Lampyris;

// The heap profiler inside the process. The tour:
//
//  1. `Sampling` (Heap) picks an allocation and tells `Picked`: `StackWalker` takes the call stack, `StackTable` finds
//     or adds it, `SampleTable` remembers the block, and `ProfileWriter` appends a record to the file.
//  2. When the block is freed, `Freed` finds it in `SampleTable` and appends what its sample stood for.
//  3. The file is a mapping (`ProfileFile`): a record is in it the moment it is written, whatever becomes of the process. It is
//     opened at the first sample, so that a short-lived child leaves none. When it has grown too long, it is
//     replaced by one that begins with the sums so far (`ProfileWriter.WriteState`); dumps and forked children's
//     files begin so, too.
//
// One lock guards tables and file. Nothing inside waits for anything, calls the C library or allocates from
// the heap, so a fork can take it, and no lock of the program's is ever waited for.
public static unsafe class Recorder
{
    const int MaxDepth = 256;
    const long MaxFileBytes = 64 * Units.MiB;

    static SpinLock s_lock;
    static HeapRoot* s_root;
    static bool s_isOn;
    static byte* s_basePath;            // as it was asked for; the root has the one that is written
    static bool s_mayOpen;              // the file is not there yet, or not this process's
    static bool s_isNested;             // a fork from a signal handler that interrupted this file
    static int s_parentProcessId;
    static long s_lost;
    static bool s_isOverLimit;

    /// <summary>Whether a profile is being taken.</summary>
    public static bool IsOn => Volatile.Read(ref s_isOn);

    /// <summary>Why the last file could not be made: an error number; 0 if none failed.</summary>
    public static int FileError { get; private set; }

    /// <summary>Watches a heap, which is up.</summary>
    public static void Watch(HeapRoot* root)
    {
        s_root = root;
        HeapObserver.Watch(&Picked, &Freed, &Refused, &Requested);
    }

    /// <summary>Called when the heap is up: watches it, and starts if the environment says so.</summary>
    public static void HeapStarts(HeapRoot* root)
    {
        Watch(root);
        byte* path = Environment(Options.ProfileName);
        if (path == null || *path == 0) return;
        Start(path, Options.Read(Options.ProfileInterval), Options.Read(Options.ProfileLimit), openNow: false);
    }

    /// <summary>Begins a profile. False, and a line says why, if there is one already or the path can't be used.</summary>
    /// <param name="path">the file; made absolute now</param>
    /// <param name="intervalBytes">mean bytes from one picked allocation to the next; 1: every one</param>
    /// <param name="limitBytes">live bytes at which to mark the profile; 0: never</param>
    /// <param name="openNow">makes the file at once, not when the first allocation is picked</param>
    public static bool Start(byte* path, long intervalBytes, long limitBytes, bool openNow)
    {
        if (Host.TryEnterRecorder() == 0) return false;
        s_lock.Enter();
        bool started = !s_isOn && StartLocked(path, intervalBytes, limitBytes) && (!openNow || EnsureFile());
        Exit();
        return started;
    }

    static bool StartLocked(byte* path, long intervalBytes, long limitBytes)
    {
        if (s_basePath == null) s_basePath = OsMemory.Map(HeapRoot.ProfilePathBytes);
        if (s_basePath == null || !ProfilePath.TryMakeAbsolute(path, s_basePath, HeapRoot.ProfilePathBytes))
        {
            ErrorOutput.Write("profile: the file's path is too long"u8);
            return false;
        }
        if (!StackTable.Open() || !SampleTable.Open() || !ProfileWriter.Open())
        {
            ErrorOutput.Write("profile: no memory for the recorder's tables"u8);
            return false;
        }
        RawMemory.Copy(s_basePath, s_root->ProfilePath, HeapRoot.ProfilePathBytes);
        OwnProcess.Note();
        s_parentProcessId = 0;
        s_mayOpen = true;
        s_lost = 0;
        s_isOverLimit = false;
        Timeline.Clear();
        ProfileClock.Start();
        s_root->ProfileLimitBytes = limitBytes;
        Volatile.Write(ref s_isOn, true);
        Sampling.SetInterval(s_root, intervalBytes);
        return true;
    }

    /// <summary>Ends the profile; the file is complete. Nothing where there is none. <paramref name="reason"/>: why it ends here.</summary>
    public static void Stop(EndReason reason)
    {
        if (!TryEnterOn()) return;
        Tick(always: true);
        WriteLost();
        if (ProfileWriter.File.IsOpen) ProfileWriter.End(reason);
        Forget();
        Exit();
    }

    // From here on nothing is picked; blocks picked before are not known any more.
    static void Forget()
    {
        Sampling.SetInterval(s_root, 0);
        Volatile.Write(ref s_isOn, false);
        ProfileWriter.File.Close();
        StackTable.Clear();
        SampleTable.Clear();
        ModuleTable.Clear();
        ThreadNames.Clear();
        SymbolRecords.Clear();
    }

    /// <summary>Writes a profile of this moment, complete in itself, to a file of its own. False when there is none to write, or no room.</summary>
    public static bool Dump(byte* path)
    {
        if (!TryEnterOn()) return false;
        bool written = ProfileWriter.WriteDump(path, s_root->SampleIntervalBytes);
        Exit();
        return written;
    }

    /// <summary>As <see cref="Dump"/>, as the text that jeprof and google-pprof read.</summary>
    public static bool DumpText(byte* path)
    {
        if (!TryEnterOn()) return false;
        bool written = HeapText.Write(path);
        Exit();
        return written;
    }

    [SkipLocalsInit]
    static void Picked(void* block, nuint bytes, nuint blockBytes)
    {
        // Outside the lock: it takes longest.
        ulong* addresses = stackalloc ulong[MaxDepth];
        int depth = StackWalker.Capture(addresses, MaxDepth, out bool complete);
        int own = FrameNames.Learn(addresses, depth);
        addresses += own;
        bool isCut = depth == MaxDepth;
        depth -= own;
        if (!TryEnterOn())
        {
            if (IsOn) Interlocked.Increment(ref s_lost);
            return;
        }
        if (EnsureFile())
        {
            double probability = Sampling.Probability(s_root->SampleIntervalBytes, blockBytes);
            if (bytes == 0) bytes = 1;
            var weight = new SampleWeight { Bytes = (ulong)(bytes / probability + 0.5), Millis = (ulong)(1000 / probability + 0.5) };
            StackTraits flags = complete ? StackTraits.Complete : isCut ? StackTraits.CutAtDepth : StackTraits.None;
            uint stack = StackTable.Find(addresses, depth, ThreadNames.OfThisThread(isExact: s_root->SampleIntervalBytes == 1), flags);
            if (SampleTable.Add(block, stack, weight))
            {
                StackTable.Allocated(stack, weight);
                ProfileWriter.Allocation(stack, weight);
                LookAtLimit();
            }
            else s_lost++;
            AfterEvent();
        }
        Exit();
    }

    /// <summary>Writes down the name of an address. The texts end in 0. False when it was not written: no profile is being taken.</summary>
    internal static bool Name(ulong address, SymbolKind kind, byte* function, byte* library)
    {
        if (!TryEnterOn()) return false;
        bool written = EnsureFile();
        if (written)
        {
            ProfileWriter.Symbol(address, kind, function, library);
            AfterEvent();
        }
        Exit();
        return written;
    }

    static void Freed(void* block)
    {
        if (!TryEnterOn()) return;
        if (EnsureFile() && SampleTable.Remove(block, out uint stack, out SampleWeight weight))
        {
            StackTable.Freed(stack, weight);
            ProfileWriter.Free(stack, weight);
            AfterEvent();
        }
        Exit();
    }

    static void Refused(nuint bytes)
    {
        if (!TryEnterOn()) return;
        if (ProfileWriter.File.IsOpen)
        {
            ProfileWriter.Mark(MarkReason.MemoryRefused, bytes);
            Tick(always: true);
        }
        Exit();
    }

    static void LookAtLimit()
    {
        long limit = s_root->ProfileLimitBytes;
        if (limit == 0) return;
        bool isOver = StackTable.LiveBytes > (ulong)limit;
        if (isOver && !s_isOverLimit) ProfileWriter.Mark(MarkReason.LimitReached, (nuint)limit);
        s_isOverLimit = isOver;
    }

    // `lampyris profile PID` has put a request and its arguments into the root.
    static void Requested(HeapRoot* root)
    {
        int request = Interlocked.Exchange(ref root->ProfileRequest, 0);
        if (request == (int)ProfileRequest.Stop) Stop(EndReason.SwitchedOff);
        else if (request == (int)ProfileRequest.Start)
        {
            byte* path = stackalloc byte[HeapRoot.ProfilePathBytes];
            RawMemory.Copy(root->ProfilePath, path, HeapRoot.ProfilePathBytes);
            path[HeapRoot.ProfilePathBytes - 1] = 0;
            Start(path, root->ProfileRequestIntervalBytes, root->ProfileLimitBytes, openNow: true);
        }
    }

    static void AfterEvent()
    {
        Tick(always: false);
        if (s_lost != 0) WriteLost();
        if (ProfileWriter.File.IsBroken)
        {
            Complain("no room to go on writing "u8);
            Forget();
        }
        else if (ProfileWriter.File.Length > MaxFileBytes && !ProfileWriter.Compact(s_root->ProfilePath, s_root->SampleIntervalBytes))
        {
            Complain("no room to shorten "u8);
            Forget();
        }
    }

    static void WriteLost()
    {
        long lost = Interlocked.Exchange(ref s_lost, 0);
        if (lost != 0 && ProfileWriter.File.IsOpen) ProfileWriter.Lost((ulong)lost);
    }

    static void Tick(bool always)
    {
        if (!ProfileWriter.File.IsOpen || (!always && !Timeline.IsDue(ProfileWriter.LastTimeUs))) return;
        ulong rss = ProcessMemory.ResidentBytes();
        Timeline.Add(ProfileClock.Now, rss, StackTable.LiveBytes);
        ProfileWriter.Memory(rss, StackTable.LiveBytes);
    }

    // The file, opened at the first sample. A forked child writes its own, which begins with what it inherited.
    static bool EnsureFile() => ProfileWriter.File.IsOpen || (s_mayOpen && OpenFile());

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool OpenFile()
    {
        s_mayOpen = false;
        byte* path = stackalloc byte[HeapRoot.ProfilePathBytes];
        int error = 0;
        for (int attempt = s_parentProcessId == 0 ? 0 : 1; attempt < 100; attempt++)
        {
            // FILE, FILE.PID, FILE.PID.2, …: never over a file that is there.
            if (!ProfilePath.TryCompose(s_basePath, OwnProcess.Id, attempt, path, HeapRoot.ProfilePathBytes)) break;
            error = ProfileWriter.File.Create(path);
            if (error == 0)
            {
                RawMemory.Copy(path, s_root->ProfilePath, HeapRoot.ProfilePathBytes);
                ProfileWriter.File.MovePath(s_root->ProfilePath);
                ProfileWriter.Begin(s_root->SampleIntervalBytes, s_parentProcessId);
                if (s_parentProcessId != 0) ProfileWriter.WriteState();
                return true;
            }
            if (error != -ErrorNumber.Exists) break;
        }
        FileError = -error;
        TextLine line = default;
        line.Append("lampyris: profile: can't write "u8);
        line.Append(s_root->ProfilePath);
        line.Append(" (error "u8);
        line.AppendDecimal(-error);
        line.Append("); no profile is taken"u8);
        ErrorOutput.Write(line);
        Forget();
        return false;
    }

    // Into the recorder, its lock taken. False where no profile is taken, in a signal handler that interrupted the recorder on
    // this thread, and in a child made without the fork hooks (`OwnProcess`): its tables are a copy, and the lock may be held for ever.
    static bool TryEnterOn()
    {
        if (!IsOn || !OwnProcess.IsThis || Host.TryEnterRecorder() == 0) return false;
        s_lock.Enter();
        if (s_isOn) return true;
        Exit();
        return false;
    }

    static void Exit()
    {
        s_lock.Exit();
        Host.ExitRecorder();
    }

    static byte* Environment(ReadOnlySpan<byte> name)
    {
        fixed (byte* start = name) return Host.GetEnvironment(start);
    }

    static void Complain(ReadOnlySpan<byte> what)
    {
        TextLine line = default;
        line.Append("lampyris: profile: "u8);
        line.Append(what);
        line.Append(s_root->ProfilePath);
        line.Append("; what is there can be read"u8);
        ErrorOutput.Write(line);
    }

    /// <summary>Before a fork: the child gets tables that are whole.</summary>
    public static void BeforeFork()
    {
        s_isNested = Host.TryEnterRecorder() == 0;
        if (!s_isNested) s_lock.Enter();
    }

    public static void AfterForkInParent()
    {
        if (!s_isNested) Exit();
    }

    /// <summary>In the child: what is written from now on is another file, once there is something to write.</summary>
    public static void AfterForkInChild()
    {
        if (s_isOn)
        {
            s_parentProcessId = OwnProcess.Id;
            OwnProcess.Note();
            ProfileWriter.File.Abandon();
            s_mayOpen = true;
            if (s_isNested) Forget();
        }
        s_lock = default;
        if (!s_isNested) Host.ExitRecorder();
    }
}
