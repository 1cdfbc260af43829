using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

// What the way to an allocator costs: the same heap, reached from C# and from C in every way there is. Turns are
// interleaved, in an order shuffled anew each round; a figure is the median over all rounds.
static unsafe class Ways
{
    const int PairCount = 400_000, MinRounds = 5;

    // One malloc for both kinds of call.
    static delegate* unmanaged<nuint, void*> s_malloc;
    static delegate* unmanaged<void*, void> s_free;

    public static IReadOnlyList<(Way Way, double Nanoseconds)> Measure(string root, int rounds)
    {
        if (rounds < MinRounds) throw new ArgumentOutOfRangeException(nameof(rounds), rounds, $"a median takes {MinRounds} rounds or more");
        NativeWays native = new(root);
        nint library = NativeLibrary.Load(System.IO.Path.Combine(root, "artifacts/native/liblampyris.so"));
        s_malloc = (delegate* unmanaged<nuint, void*>)NativeLibrary.GetExport(library, "malloc");
        s_free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "free");

        Way[] ways =
        [
            new("NativeHeap, inlined by the JIT", "C#", Pairs<HandleContender>()),
            new("GlobalAllocator, inlined by the JIT", "C#", Pairs<GlobalContender>()),
            new("P/Invoke without GC transition", "C#", Timed(QuickPairs)),
            new("P/Invoke", "C#", Timed(OrdinaryPairs)),
            new("NativeMemory (P/Invoke to glibc)", "C#", Pairs<SystemContender>()),
            .. native.All,
        ];
        // Until the optimizing compiler has been through.
        for (int i = 0; i < 40; i++)
        {
            foreach (Way way in ways.Where(way => way.From == "C#")) way.Turn(PairCount / 20);
            System.Threading.Thread.Sleep(10);
        }
        double[][] nanoseconds = [.. ways.Select(_ => new double[rounds])];
        int[] order = [.. Enumerable.Range(0, ways.Length)];
        for (int round = 0; round < rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (int way in order) nanoseconds[way][round] = ways[way].Turn(PairCount);
        }
        return [.. ways.Select((way, i) => (way, nanoseconds[i].Order().ElementAt(rounds / 2)))];
    }

    static Func<int, double> Timed(Action<int> load) => count =>
    {
        double before = ThreadClock.CpuSeconds();
        load(count);
        return (ThreadClock.CpuSeconds() - before) * 1e9 / count;
    };

    static Func<int, double> Pairs<T>() where T : struct, IContender => Timed(count => Loads.PairBesideOthers(default(T), count));

    static void OrdinaryPairs(int count)
    {
        void* other = s_malloc(Loads.PairBytes);
        for (int i = 0; i < count; i++)
        {
            void* block = s_malloc(Loads.PairBytes);
            *(int*)block = i;
            s_free(block);
        }
        s_free(other);
    }

    static void QuickPairs(int count)
    {
        var malloc = (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)s_malloc;
        var free = (delegate* unmanaged[SuppressGCTransition]<void*, void>)s_free;
        void* other = malloc(Loads.PairBytes);
        for (int i = 0; i < count; i++)
        {
            void* block = malloc(Loads.PairBytes);
            *(int*)block = i;
            free(block);
        }
        free(other);
    }
}
