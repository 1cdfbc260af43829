using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// What the heap asks of its host, under the runtime.
public static unsafe class Host
{
    [ThreadStatic] static void* t_cache;
    [ThreadStatic] static ThreadEndWatch? t_watch;
    [ThreadStatic] static bool t_isRecording;
    [ThreadStatic] static KnownName* t_knownName;

    static void* s_root;
    static void* s_emptyCache;

    /// <summary>Called on the finalizer thread, perhaps much later, with the cache of a thread that has ended and the number of its attachment.</summary>
    public static delegate*<void*, uint, void> ThreadEnded { get; set; }

    public static void SetErrno(int error) => Marshal.SetLastSystemError(error);

    public static void Abort() => Environment.FailFast("lampyris: the heap is corrupt, see the line above");

    public static byte* GetEnvironment(byte* name)
    {
        string? value = Environment.GetEnvironmentVariable(Marshal.PtrToStringUTF8((nint)name)!);
        return value == null ? null : (byte*)Marshal.StringToCoTaskMemUTF8(value);   // read once, at start
    }

    /// <summary>Zeroed bytes that live as long as the process.</summary>
    public static void* RootStorage(nuint bytes) => Once(ref s_root, bytes);

    /// <summary>The cache that every thread starts with, all of whose lists are empty: <paramref name="bytes"/> of zeros at first.</summary>
    public static void* EmptyCacheStorage(nuint bytes) => Once(ref s_emptyCache, bytes);

    /// <summary>The calling thread's cache; null until it has one.</summary>
    public static void* ThreadCache() => t_cache;

    public static void SetThreadCache(void* cache) => t_cache = cache;

    public static void WatchThreadEnd(void* cache, uint attachment) => t_watch = new ThreadEndWatch((nint)cache, attachment);

    /// <summary>Called when the heap is up, so that layers above may look after themselves; must not allocate from the heap.</summary>
    public static delegate*<void> HeapStarted { get; set; }

    public static void HeapStarts()
    {
        if (HeapStarted != null) HeapStarted();
    }

    /// <summary>Marks the calling thread as inside the profiler; 0 where it is already.</summary>
    public static byte TryEnterRecorder()
    {
        if (t_isRecording) return 0;
        t_isRecording = true;
        return 1;
    }

    public static void ExitRecorder() => t_isRecording = false;

    /// <summary>The calling thread's; never freed, and small.</summary>
    public static KnownName* KnownName()
    {
        if (t_knownName == null) t_knownName = (KnownName*)NativeMemory.AllocZeroed((nuint)sizeof(KnownName));
        return t_knownName;
    }

    /// <summary>As <see cref="OsClock.Ns"/>, and cheaper where the host can.</summary>
    public static ulong ClockNs(int clock) => OsClock.Ns(clock);

    public static int StartThread(byte* stackTop, delegate* unmanaged<void*, int> entry, void* argument)
    {
        nint code = (nint)entry, data = (nint)argument;
        new Thread(() => ((delegate* unmanaged<void*, int>)code)((void*)data)) { IsBackground = true, Name = "lampyris-purge" }.Start();
        return 0;
    }

    static void* Once(ref void* storage, nuint bytes)
    {
        if (storage != null) return storage;
        fixed (void** place = &storage)
        {
            void* fresh = NativeMemory.AlignedAlloc(bytes, 128);
            NativeMemory.Clear(fresh, bytes);
            nint before = Interlocked.CompareExchange(ref *(nint*)place, (nint)fresh, 0);
            if (before != 0) NativeMemory.AlignedFree(fresh);
        }
        return storage;
    }

    // A thread-static object becomes garbage when its thread ends.
    sealed class ThreadEndWatch(nint cache, uint attachment)
    {
        ~ThreadEndWatch()
        {
            if (ThreadEnded != null) ThreadEnded((void*)cache, attachment);
        }
    }
}
