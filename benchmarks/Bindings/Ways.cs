using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Benchmarks;

// What the way to an allocator costs: the same heap, reached from C# and from C in every way there is. Turns are
// interleaved, in an order shuffled anew each round; a figure is the median over all rounds.
static class Ways
{
    const int PairCount = 400_000, MinRounds = 5;

    public static IReadOnlyList<(Way Way, double Nanoseconds)> Measure(int rounds)
    {
        if (rounds < MinRounds) throw new ArgumentOutOfRangeException(nameof(rounds), rounds, $"a median takes {MinRounds} rounds or more");
        NativeWays native = new();
        Way[] ways =
        [
            new("NativeHeap, inlined by the JIT", "C#", Pairs<HandleContender>()),
            new("GlobalAllocator, inlined by the JIT", "C#", Pairs<GlobalContender>()),
            new("NativePool, inlined by the JIT", "C#", Pairs<PoolContender>()),
            new("P/Invoke without GC transition", "C#", Pairs<QuickPInvokeContender>()),
            new("P/Invoke", "C#", Pairs<PInvokeContender>()),
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

    static Func<int, double> Pairs<T>() where T : struct, IContender<T>, allows ref struct => count =>
    {
        double before = ThreadClock.CpuSeconds();
        Loads.PairBesideOthers<T>(count);
        return (ThreadClock.CpuSeconds() - before) * 1e9 / count;
    };
}
