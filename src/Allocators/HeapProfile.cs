using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace Lampyris;

/// <summary>
/// The heap profiler for the built-in heap: which methods allocated the native memory that is live, that was live at the peak, or that was allocated
/// over all. It picks allocations at random, one in so many bytes, and writes their call stacks to a file as they happen: <c>lampyris report FILE</c> shows it.
/// </summary>
/// <remarks>
/// A program can also be profiled without a change, by the environment variable LAMPYRIS_PROFILE=FILE (and LAMPYRIS_PROFILE_INTERVAL=BYTES): that
/// begins with the heap's first use and ends with the process. The file can be read at any time, and after the process was killed. There is one
/// profile at a time. Blocks of any other allocator than the built-in heap are not seen.
/// </remarks>
public static unsafe class HeapProfile
{
    /// <summary>The mean number of bytes from one picked allocation to the next, where nothing else was asked for.</summary>
    public const long DefaultIntervalBytes = 512 * 1024;

    // What the recorder puts behind a path: a process ID and a number.
    const int SuffixBytes = 24;

    static readonly Lock s_lock = new();
    static bool s_watchesExit;

    /// <summary>Whether a profile is being taken.</summary>
    public static bool IsOn => Recorder.IsOn;

    /// <summary>The file that is being written; null where none is. It is the path that was asked for, made absolute, or PATH.PID where that one was there already.</summary>
    public static string? FilePath => Recorder.IsOn ? Marshal.PtrToStringUTF8((nint)Heap.Root->ProfilePath) : null;

    /// <summary>
    /// Begins a profile, in a new file at <paramref name="path"/>, in which %p stands for the process ID. A file that is there stays: then it is
    /// PATH.PID, see <see cref="FilePath"/>.
    /// </summary>
    /// <remarks>
    /// Whatever the calling thread allocates from now on may be picked. Other threads go on with the pages that they have in use, and look for
    /// the profile when such a page has no more blocks, or has given out 65,536.
    /// </remarks>
    /// <param name="path">relative to the current directory</param>
    /// <param name="intervalBytes">mean number of bytes from one picked allocation to the next; 1: every allocation is picked</param>
    /// <exception cref="InvalidOperationException">A profile is being taken already.</exception>
    /// <exception cref="IOException">The file can't be made.</exception>
    /// <exception cref="PlatformNotSupportedException">The C library is not the GNU one.</exception>
    public static void Start(string path, long intervalBytes = DefaultIntervalBytes)
    {
        CheckPath(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalBytes);
        if (!StackWalker.IsSupported) throw new PlatformNotSupportedException("Call stacks can be taken with the GNU C library only.");
        lock (s_lock)
        {
            Attach();
            if (Recorder.IsOn) throw new InvalidOperationException($"A profile is being taken already, in {FilePath}.");
            byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(path);
            bool started = Recorder.Start(text, intervalBytes, Options.Read(Options.ProfileLimit), openNow: true);
            Marshal.FreeCoTaskMem((nint)text);
            if (!started) throw Failure(path);
            ArmThisThread();
        }
    }

    /// <summary>Ends the profile; the file is complete. Nothing happens where none is being taken.</summary>
    public static void Stop()
    {
        lock (s_lock) Recorder.Stop(EndReason.SwitchedOff);
    }

    /// <summary>Writes what the profile has seen so far to a new file that is complete in itself; the profile goes on.</summary>
    /// <exception cref="InvalidOperationException">No profile is being taken.</exception>
    /// <exception cref="IOException">The file can't be made: there is one already, or its folder is not there or may not be written to.</exception>
    public static void Dump(string path)
    {
        CheckPath(path);
        lock (s_lock)
        {
            if (!Recorder.IsOn) throw new InvalidOperationException("No profile is being taken.");
            byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(Path.GetFullPath(path));
            bool written = Recorder.Dump(text);
            Marshal.FreeCoTaskMem((nint)text);
            if (written) return;
            string why = File.Exists(path) ? "the file is there already" : !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? "its folder does not exist" : "its folder may not be written to, or has no room";
            throw new IOException($"No profile can be written to {path}: {why}.");
        }
    }

    // The plugin contract's `profiling`, see `GlobalAllocator.Profiling`. False, and a line says why, where it can't be done.
    internal static bool Switch(bool active, byte* prefix)
    {
        lock (s_lock)
        {
            if (!StackWalker.IsSupported) return false;
            Attach();
            bool done = ProfileDumps.Switch(active, prefix);
            ArmThisThread();
            return done;
        }
    }

    /// <summary>Before the heap's first use: sees to it that a profile begins with it, if the environment asks for one.</summary>
    internal static void HeapIsUsed()
    {
        string name = Encoding.UTF8.GetString(Options.ProfileName).TrimEnd('\0');
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) return;
        if (StackWalker.IsSupported) Host.HeapStarted = &HeapStarts;
        else ErrorLine.Write($"profile: {name} is ignored: call stacks can be taken with the GNU C library only");
    }

    static void HeapStarts()
    {
        Prepare();
        Recorder.HeapStarts(Heap.Root);
    }

    static void Attach()
    {
        if (s_watchesExit) return;
        BuiltInHeap.Start();
        if (s_watchesExit) return;              // by the environment, just now
        Prepare();
        Recorder.Watch(Heap.Root);
    }

    static void Prepare()
    {
        s_watchesExit = true;
        FrameNames.Prepare(typeof(HeapProfile).Assembly);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Recorder.Stop(EndReason.ProcessEnded);
    }

    static void ArmThisThread()
    {
        ThreadCache* cache = (ThreadCache*)Host.ThreadCache();
        if (cache != null) Sampling.ArmAll(Heap.Root, cache);
    }

    static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("A path has no zeros.", nameof(path));
        if (Encoding.UTF8.GetByteCount(Path.GetFullPath(path)) + SuffixBytes > HeapRoot.ProfilePathBytes)
            throw new PathTooLongException($"A profile's path, made absolute, has up to {HeapRoot.ProfilePathBytes - SuffixBytes} bytes: {path}");
    }

    static IOException Failure(string path) => Recorder.FileError == 0
        ? new IOException($"No profile can be written to {path}: the line on standard error says why.")
        : new IOException($"No profile can be written to {path}: {Marshal.GetPInvokeErrorMessage(Recorder.FileError)}.");
}
