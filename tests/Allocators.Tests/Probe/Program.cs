using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Linq;
using System.Threading;
using Lampyris;

namespace Lampyris.Tests;

// A process for each test of what happens once a process: the first use of the allocator, its end. The first
// argument names what to do; what comes out on stdout and stderr is for the test to look at.
static unsafe class Program
{
    static readonly Dictionary<string, Action<string[]>> s_deeds = new()
    {
        ["status"] = _ => Touch(),
        ["use"] = arguments => { GlobalAllocator.Use(arguments[1]); Touch(); },
        ["use-strict"] = arguments => { GlobalAllocator.Strict = true; GlobalAllocator.Use(arguments[1]); },
        ["use-managed"] = _ => { GlobalAllocator.Use(new CountingAllocator()); Touch(); },
        ["use-arena"] = _ => { GlobalAllocator.Use(default(ArenaAllocator)); EveryCall(); Touch(); },
        ["use-pool"] = _ => { GlobalAllocator.Use(default(PoolAllocator)); EveryCall(); Touch(); },
        ["use-guarded"] = _ => { GlobalAllocator.Use(default(GuardedAllocator)); EveryCall(); Touch(); },
        ["overrun"] = _ => { GlobalAllocator.Use(default(GuardedAllocator)); ((byte*)GlobalAllocator.Allocate(64))[64] = 1; },
        ["use-after-free"] = _ => UseAfterFree(),
        ["double-delete"] = _ => DeleteTwice(),
        ["use-twice"] = _ => { GlobalAllocator.Use(new CountingAllocator()); Say(() => GlobalAllocator.Use(new CountingAllocator())); Touch(); },
        ["use-late"] = arguments => { Touch(); Say(() => GlobalAllocator.Use(arguments[1])); Say(() => GlobalAllocator.Use(new CountingAllocator())); Say(() => GlobalAllocator.Strict = true); },
        ["every-call"] = _ => EveryCall(),
        ["race"] = _ => Race(),
        ["profile"] = _ => Profile(),
        ["shutdown"] = arguments => Shutdown(arguments.Length > 1 ? arguments[1] : "p"),
        ["idle"] = _ => { GlobalAllocator.Shutdown(); Console.WriteLine("nothing used"); },
        ["large"] = _ => Large(),
        ["metrics"] = _ => Metrics(),
        ["metrics-late"] = _ => { Touch(); Say(AllocatorMetrics.Enable); },
        ["events"] = arguments => { using Events events = new(); GlobalAllocator.Use(arguments[1]); },
        ["out-of-memory"] = _ => RunOut(),
        ["limited"] = _ => RunOutUnderALimit(),
        ["profiled"] = arguments => Profiled.Run(arguments[1]),
        ["profiled-many"] = arguments => Profiled.RunMany(arguments[1]),
        ["profiled-collecting"] = arguments => Profiled.RunCollecting(arguments[1]),
        ["profiled-dump"] = arguments => Profiled.RunDump(arguments[1]),
        ["profiled-switch"] = arguments => Profiled.RunSwitch(arguments[1]),
        ["profiled-killed"] = arguments => Profiled.RunUntilKilled(arguments[1]),
        ["refused"] = _ => { for (int i = 0; i < 2; i++) Say(() => GlobalAllocator.Allocate(10)); Say(() => GlobalAllocator.Deallocate(null)); },
    };

    static int Main(string[] arguments)
    {
        try
        {
            s_deeds[arguments[0]](arguments);
            return 0;
        }
        catch (PluginLoadException failure)
        {
            Console.WriteLine($"{failure.GetType().Name}: {failure.Message}");
            return 3;
        }
    }

    // A block of 100 bytes, freed again, and the status.
    static void Touch()
    {
        byte* block = (byte*)GlobalAllocator.Allocate(100);
        new Span<byte>(block, 100).Fill(1);
        GlobalAllocator.Deallocate(block);
        Console.Error.WriteLine("touched");
        Console.WriteLine(GlobalAllocator.Status());
    }

    static void UseAfterFree()
    {
        GlobalAllocator.Use(default(GuardedAllocator));
        byte* block = (byte*)GlobalAllocator.Allocate(64);
        block[63] = 1;
        GlobalAllocator.Deallocate(block);
        Console.WriteLine($"freed {block[63]}");
    }

    // The allocator is one that the type names: the global one stays the built-in heap.
    static void DeleteTwice()
    {
        Watched* value = Native.New(new Watched { Name = 7 });
        Console.WriteLine(GlobalAllocator.Status());
        Native.Delete(value);
        Native.Delete(value);
    }

    struct Watched : IAllocatedFrom<AllocatorSource<GuardedAllocator>>
    {
        public long Name;
    }

    static void Say(Action action)
    {
        try
        {
            action();
            Console.WriteLine("no exception");
        }
        catch (Exception failure) when (failure is InvalidOperationException or PluginLoadException)
        {
            Console.WriteLine($"{failure.GetType().Name}: {failure.Message}");
        }
    }

    static void EveryCall()
    {
        byte* block = (byte*)GlobalAllocator.Allocate(100);
        for (int i = 0; i < 100; i++) block[i] = (byte)i;
        Expect(GlobalAllocator.UsableSize(block) >= 100, "usable size");
        block = (byte*)GlobalAllocator.Reallocate(block, 100_000);
        for (int i = 0; i < 100; i++) Expect(block[i] == i, "contents after growing");
        Expect(GlobalAllocator.UsableSize(block) >= 100_000, "usable size after growing");
        block = (byte*)GlobalAllocator.Reallocate(block, 50);
        for (int i = 0; i < 50; i++) Expect(block[i] == i, "contents after shrinking");
        Expect(GlobalAllocator.Reallocate(block, 0) == null, "reallocate to nothing");
        block = (byte*)GlobalAllocator.AllocateZeroed(1000);
        Expect(!new ReadOnlySpan<byte>(block, 1000).ContainsAnyExcept((byte)0), "zeros");
        GlobalAllocator.Deallocate(block);
        block = (byte*)GlobalAllocator.AllocateAligned(4096, 10);
        Expect((nuint)block % 4096 == 0, "alignment");
        GlobalAllocator.Deallocate(block);
        GlobalAllocator.Deallocate(null);
        Expect(GlobalAllocator.Allocate(nuint.MaxValue) == null && GlobalAllocator.Allocate(nuint.MaxValue - 16) == null, "too much");
        Expect(GlobalAllocator.AllocateAligned(64, nuint.MaxValue - 64) == null, "too much, aligned");
        Console.WriteLine(GlobalAllocator.Status());
    }

    static void Expect(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException(what);
    }

    // Eight threads allocate for the first time at once; each frees the next one's block.
    static void Race()
    {
        const int Count = 8;
        using Barrier barrier = new(Count);
        nint[] blocks = new nint[Count];
        Thread[] threads = [.. Enumerable.Range(0, Count).Select(mine => new Thread(() =>
        {
            barrier.SignalAndWait();
            blocks[mine] = (nint)GlobalAllocator.Allocate(100);
            *(int*)blocks[mine] = mine;
            barrier.SignalAndWait();
            int next = (mine + 1) % Count;
            Expect(*(int*)blocks[next] == next, "another thread's block");
            GlobalAllocator.Deallocate((void*)blocks[next]);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Console.WriteLine(GlobalAllocator.Status());
    }

    static void Profile()
    {
        Console.WriteLine(GlobalAllocator.Profiling(true, "/tmp/größe"));
        Console.WriteLine(GlobalAllocator.Status());
        Console.WriteLine(GlobalAllocator.Profiling(false));
        Console.WriteLine(GlobalAllocator.Status());
        Console.WriteLine(GlobalAllocator.Profiling(true, "refuse"));
    }

    static void Shutdown(string prefix)
    {
        GlobalAllocator.Profiling(true, prefix);
        void* before = GlobalAllocator.Allocate(10);
        GlobalAllocator.Shutdown();
        GlobalAllocator.Shutdown();
        GlobalAllocator.Deallocate(before);
        Touch();
    }

    // 64 blocks of 1000 bytes by one thread, half of them freed by another one, and all sums that were published. Given the
    // report interval, all that has been counted is reported when the threads have ended, or before.
    static void Metrics()
    {
        SortedDictionary<string, long> sums = new(StringComparer.Ordinal);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) => { if (instrument.Meter.Name == AllocatorMetrics.MeterName) self.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            // A listener may use the allocator.
            GlobalAllocator.Deallocate(GlobalAllocator.Allocate(1 << 20));
            string name = instrument.Name + string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"));
            if (!name.Contains("=1048576B", StringComparison.Ordinal)) lock (sums) sums[name] = sums.GetValueOrDefault(name) + value;
        });
        listener.Start();
        AllocatorMetrics.Enable();
        nint[] blocks = new nint[64];
        Named("maker", () => { for (int i = 0; i < blocks.Length; i++) blocks[i] = (nint)GlobalAllocator.Allocate(1024); });
        Named("taker", () => { for (int i = 0; i < blocks.Length / 2; i++) GlobalAllocator.Deallocate((void*)blocks[i]); });
        for (int i = 0; i < 10; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        lock (sums)
            foreach ((string name, long sum) in sums)
                if (!name.Contains("Total", StringComparison.Ordinal)) Console.WriteLine($"{name}: {sum}");
    }

    // More than any allocator has: the handler is asked twice, then gives up.
    static void RunOut()
    {
        using Events events = new();
        nuint bytes = (nuint)1 << 50;
        int calls = 0;
        OutOfMemory.SetHandler(() =>
        {
            if (++calls == 2) OutOfMemory.SetHandler(null);
        });
        Expect(Native.TryNewArray<byte>(bytes) == null, "more than there is");
        Console.WriteLine($"{calls} calls");
    }

    // The address space is limited; the handler gives up a cache, which makes room, and when there is none any more, itself.
    static void RunOutUnderALimit()
    {
        const nuint BigBytes = 150 * Units.MiB, RoomBytes = 100 * Units.MiB;
        void* cache = GlobalAllocator.Allocate(BigBytes);
        nuint inUse = nuint.Parse(System.IO.File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * (nuint)Environment.SystemPageSize;
        nuint* limits = stackalloc nuint[2] { inUse + RoomBytes, inUse + RoomBytes };
        Expect(SetLimit(AddressSpace, limits) == 0, "a limit");
        int calls = 0;
        OutOfMemory.SetHandler(() =>
        {
            calls++;
            if (cache == null) OutOfMemory.SetHandler(null);
            GlobalAllocator.Deallocate(cache);
            cache = null;
        });
        byte* block = Native.NewArray<byte>(BigBytes);
        block[BigBytes - 1] = 1;
        Console.WriteLine($"{calls} calls");
        try
        {
            Native.NewArray<byte>(BigBytes);
        }
        catch (InsufficientMemoryException)
        {
            Console.WriteLine($"{calls} calls, and no memory");
        }
        Native.DeleteArray(block);
    }

    const int AddressSpace = 9;         // RLIMIT_AS

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setrlimit")]
    static extern int SetLimit(int resource, nuint* limits);

    static void Named(string name, Action body)
    {
        Thread thread = new(() => body()) { Name = name };
        thread.Start();
        thread.Join();
    }

    // Sizes around the one above which calls to a plugin go another way.
    static void Large()
    {
        for (int bytes = 131_072 - 64; bytes <= 131_072 + 64; bytes += 8)
        {
            byte* block = (byte*)GlobalAllocator.Allocate((nuint)bytes), aligned = (byte*)GlobalAllocator.AllocateAligned(64, (nuint)bytes);
            new Span<byte>(block, bytes).Fill(7);
            new Span<byte>(aligned, bytes).Fill(8);
            Expect(GlobalAllocator.UsableSize(block) == (nuint)bytes && GlobalAllocator.UsableSize(aligned) == (nuint)bytes, "usable size");
            GlobalAllocator.Deallocate(block);
            GlobalAllocator.Deallocate(aligned);
        }
        Console.WriteLine(GlobalAllocator.Status());
    }
}

// An allocator in C# that keeps its state in itself.
unsafe struct CountingAllocator : IMemoryAllocator
{
    int _allocations, _frees, _isProfiling;

    public void* Allocate(nuint bytes)
    {
        _allocations++;
        return default(SystemAllocator).Allocate(bytes);
    }

    public void Deallocate(void* block)
    {
        _frees++;
        default(SystemAllocator).Deallocate(block);
    }

    public readonly void* AllocateAligned(nuint alignment, nuint bytes) => default(SystemAllocator).AllocateAligned(alignment, bytes);

    public readonly void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"managed: {_allocations} allocations, {_frees} frees, profiling {_isProfiling}\0");
        System.Text.Encoding.UTF8.GetBytes(text, new Span<byte>(buffer, (int)bufferBytes));
    }

    public bool Profile(bool active, byte* prefix)
    {
        _isProfiling = active ? 1 : 0;
        return true;
    }
}

// Prints the events of the source "Lampyris".
sealed class Events : EventListener
{
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Lampyris") EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) => Console.WriteLine($"{eventData.EventName} {eventData.Payload![0]}");
}
