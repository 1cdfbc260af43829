using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using Lampyris;
using Lampyris.Benchmarks;

// Allocation from C#: the ways of this library against those of .NET. Turns are short and interleaved, in an order
// shuffled anew each round; a figure is the median over all rounds of one turn's time per allocation and free, and its
// ratio is the median of the ratios to the first contender of the same round.
//
//   dotnet run -c Release --project benchmarks/Bindings -- [ROUNDS]
//   dotnet run -c Release --project benchmarks/Bindings -- ways [ROUNDS] [--update-docs]      the same heap by every way, from C too
//   dotnet run -c Release --project benchmarks/Bindings -- profile [ROUNDS]     what a heap profile costs
//   DIRECT_LIBRARY=libjemalloc.so.2 MEMORY_ALLOCATOR_LIB_PATH=plugin.so dotnet run … -- [ROUNDS]    a plugin against its library

if (args is ["ways", .. string[] options])
{
    bool updates = options is [.., "--update-docs"];
    if (updates) options = options[..^1];
    int turns = options is [string number] ? int.Parse(number, CultureInfo.InvariantCulture) : 31;
    IReadOnlyList<(Way, double)> table = Ways.Measure(turns);
    Console.Write(WaysTable.Markdown(table));
    if (updates) WaysTable.Update(table, $"Medians of {turns} interleaved turns, {Environment.ProcessorCount} processors.");
    return;
}

if (args is ["profile", .. string[] count])
{
    ProfilerCost.Measure(count is [string number] ? int.Parse(number, CultureInfo.InvariantCulture) : 31);
    return;
}

int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 61;
bool plugin = Environment.GetEnvironmentVariable("MEMORY_ALLOCATOR_LIB_PATH") != null;
Console.WriteLine($"{Environment.ProcessorCount} processors, {rounds} rounds; {GlobalAllocator.Status()}");

foreach (int threads in new[] { 1, Environment.ProcessorCount })
{
    Compare("pair of 64 bytes", threads, 400_000, plugin
        ? [PairBeside<DirectContender>(), PairBeside<PluginContender>(), PairBeside<GlobalContender>(), PairBeside<SystemContender>()]
        : [PairBeside<SystemContender>(), PairBeside<DirectContender>(), PairBeside<GlobalContender>(), PairBeside<HandleContender>()]);
    if (!plugin) Compare("value of 64 bytes", threads, 400_000, [PairBeside<SystemContender>(), PairBeside<TypedContender>(), PairBeside<PoolContender>(), PairBeside<SourceContender>()]);
    if (!plugin) Compare("pair of 64 bytes alone", threads, 400_000, [Pair<SystemContender>(), Pair<DirectContender>(), Pair<GlobalContender>(), Pair<HandleContender>()]);
    Compare("mixed 16..4096 bytes", threads, 200_000, plugin
        ? [Mixed<DirectContender>(), Mixed<PluginContender>(), Mixed<GlobalContender>(), Mixed<SystemContender>()]
        : [Mixed<SystemContender>(), Mixed<DirectContender>(), Mixed<GlobalContender>(), Mixed<HandleContender>()]);
}

static Turn Pair<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, count => Loads.Pair<T>(count));
static Turn PairBeside<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, count => Loads.PairBesideOthers<T>(count));
static Turn Mixed<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, count => Loads.Mixed<T>(count));

void Compare(string load, int threads, int count, Turn[] turns)
{
    // Until the optimizing compiler has been through.
    for (int i = 0; i < 40; i++)
    {
        foreach (Turn turn in turns) turn.Run(20_000);
        Thread.Sleep(10);
    }
    double[][] seconds = new double[turns.Length][];
    for (int i = 0; i < turns.Length; i++) seconds[i] = new double[rounds];
    int[] order = [.. Enumerable.Range(0, turns.Length)];
    for (int round = 0; round < rounds; round++)
    {
        Random.Shared.Shuffle(order);
        foreach (int turn in order) seconds[turn][round] = Measure(turns[turn], threads, count);
    }
    for (int i = 0; i < turns.Length; i++)
    {
        double nanoseconds = Median(seconds[i]) * 1e9 / count, ratio = Median(seconds[i].Zip(seconds[0], (mine, first) => mine / first));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load,-23} {threads} threads  {turns[i].Name,-24} {nanoseconds,7:0.00} ns  {ratio:0.000}"));
    }
}

// CPU time of the slowest thread: other programs on the machine count less than in wall time.
static double Measure(Turn turn, int threads, int count)
{
    double[] seconds = new double[threads];
    using Barrier start = new(threads);
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++)
    {
        int mine = i;
        all[i] = new Thread(() =>
        {
            start.SignalAndWait();
            double before = ThreadClock.CpuSeconds();
            turn.Run(count);
            seconds[mine] = ThreadClock.CpuSeconds() - before;
        });
        all[i].Start();
    }
    foreach (Thread one in all) one.Join();
    return seconds.Max();
}

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}

sealed record Turn(string Name, Action<int> Run);
