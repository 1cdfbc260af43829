using System;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Lampyris.Tests;

// Allocates known numbers of bytes at known methods, while a profile is taken of it. The tests know the figures.
static unsafe class Profiled
{
    const MethodImplOptions Whole = MethodImplOptions.NoInlining;

    public static void Run(string file)
    {
        HeapProfile.Start(file, 1);
        Small(1000);
        Medium(100);
        Named("maker", () => Large(10));
        Huge();
        Aligned();
        for (int i = 0; i < 7; i++) Typed<long>();
        ProfiledLater.Later(70).Wait();
        HeapProfile.Stop();
    }

    public static void RunMany(string file)
    {
        HeapProfile.Start(file, long.Parse(Environment.GetEnvironmentVariable("INTERVAL")!, CultureInfo.InvariantCulture));
        for (int i = 0; i < 200_000; i++) Block();
    }

    public static void RunCollecting(string file)
    {
        HeapProfile.Start(file, 1);
        bool isDone = false;
        Thread collector = new(() => { for (int i = 0; !Volatile.Read(ref isDone); i++, Thread.Sleep(1)) GC.Collect(i % 3 == 0 ? GC.MaxGeneration : 0); });
        collector.Start();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++) threads[i] = new Thread(() => { for (int block = 0; block < 20_000; block++) if (Churn() is var it && block % 8 != 0) GlobalAllocator.Deallocate((void*)it); });
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Volatile.Write(ref isDone, true);
        collector.Join();
        HeapProfile.Stop();
    }

    public static void RunDump(string file)
    {
        HeapProfile.Stop();
        bool before = HeapProfile.IsOn;
        HeapProfile.Start(file, 1);
        Console.WriteLine($"{before} {HeapProfile.IsOn} {HeapProfile.FilePath}");
        Small(10);
        HeapProfile.Dump(file + ".dump");
        Small(20);
        Say(() => HeapProfile.Dump(file + ".dump"), true);
        Say(() => HeapProfile.Dump("/no/such/folder/a"), true);
        Say(() => HeapProfile.Start(file), true);
        HeapProfile.Stop();
        HeapProfile.Stop();
        Console.WriteLine($"{HeapProfile.IsOn} {HeapProfile.FilePath == null} ");
        Say(() => HeapProfile.Dump(file + ".late"), true);
        Say(() => HeapProfile.Start("/no/such/folder/a"), true);
        Say(() => HeapProfile.Start(""), false);
        Say(() => HeapProfile.Start("a", 0), false);
        Say(() => HeapProfile.Start(new string('a', 600)), false);
        HeapProfile.Start(file, 1);
        Small(5);
        Console.WriteLine($"{HeapProfile.IsOn} {HeapProfile.FilePath != file} {HeapProfile.FilePath}");
        HeapProfile.Stop();
    }

    // By the plugin contract's rule: first what there is is dumped, then the profile is switched.
    public static void RunSwitch(string prefix)
    {
        Console.WriteLine($"{GlobalAllocator.Profiling(true, prefix)} {HeapProfile.IsOn}");
        Small(10);
        Console.WriteLine($"{GlobalAllocator.Profiling(true)} {HeapProfile.IsOn}");
        Small(20);
        Console.WriteLine($"{GlobalAllocator.Profiling(false)} {HeapProfile.IsOn}");
        Console.WriteLine($"{GlobalAllocator.Profiling(false)} {HeapProfile.IsOn}");
    }

    public static void RunUntilKilled(string file)
    {
        HeapProfile.Start(file, 1);
        Small(10);
        Environment.FailFast("as the test wants it");
    }

    [MethodImpl(Whole)]
    static void Small(int count)
    {
        for (int i = 0; i < count; i++) GlobalAllocator.Allocate(100);
    }

    [MethodImpl(Whole)]
    static void Medium(int count)
    {
        NativeHeap heap = NativeHeap.ForThisThread();
        for (int i = 0; i < count; i++) heap.Free(heap.Allocate(3000));
    }

    [MethodImpl(Whole)]
    static void Large(int count)
    {
        for (int i = 0; i < count; i++) GlobalAllocator.AllocateZeroed(300_000);
    }

    [MethodImpl(Whole)]
    static void Huge() => GlobalAllocator.Deallocate(GlobalAllocator.Allocate(40_000_000));

    [MethodImpl(Whole)]
    static void Aligned()
    {
        for (int i = 0; i < 5; i++) GlobalAllocator.AllocateAligned(64, 200);
    }

    [MethodImpl(Whole)]
    static void Typed<T>() where T : unmanaged => _ = (nint)Native.New<T>();

    [MethodImpl(Whole)]
    static nint Block() => (nint)GlobalAllocator.Allocate(1000);

    [MethodImpl(Whole)]
    static nint Churn() => (nint)GlobalAllocator.Allocate(64);

    static void Named(string name, ThreadStart work)
    {
        Thread thread = new(work) { Name = name };
        thread.Start();
        thread.Join();
    }

    static void Say(Action action, bool withMessage)
    {
        try
        {
            action();
            Console.WriteLine("no exception");
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or ArgumentException)
        {
            Console.WriteLine(failure.GetType().Name + (withMessage ? ": " + failure.Message : ""));
        }
    }
}

// No method can wait in an unsafe class.
static class ProfiledLater
{
    public static async Task Later(nuint bytes)
    {
        await Task.Delay(1);
        unsafe { GlobalAllocator.Allocate(bytes); }
        await Task.Yield();
        unsafe { GlobalAllocator.Allocate(bytes + 1); }
    }
}
