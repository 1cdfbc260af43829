using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Lampyris.Benchmarks;

/// <summary>What one contender takes for one load.</summary>
/// <param name="Nanoseconds">For each allocation with its free, CPU time of the slowest thread.</param>
/// <param name="Ratio">To the first contender in the same round, the median over the rounds.</param>
sealed record TurnResult(string Load, int Threads, string Contender, double Nanoseconds, double Ratio)
{
    const char Separator = '\t';

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Load,-22}{Separator}{Threads} threads{Separator}{Contender,-28}{Separator}{Nanoseconds,7:0.00} ns{Separator}{Ratio:0.000}");

    /// <summary>From a line that <see cref="ToString"/> made.</summary>
    /// <exception cref="FormatException">It did not.</exception>
    public static TurnResult Parse(string line)
    {
        string[] parts = [.. line.Split(Separator).Select(part => part.Trim())];
        if (parts.Length != 5) throw new FormatException($"not a result: {line}");
        return new(parts[0], int.Parse(Number(parts[1]), CultureInfo.InvariantCulture), parts[2],
            double.Parse(Number(parts[3]), CultureInfo.InvariantCulture), double.Parse(parts[4], CultureInfo.InvariantCulture));

        static string Number(string withUnit) => withUnit.Split(' ')[0];
    }
}

// All loads in this process, each by all contenders in interleaved turns.
static class Turns
{
    const int PairCount = 400_000, MixedCount = 200_000;

    public static IEnumerable<TurnResult> Measure(int rounds)
    {
        bool plugin = Environment.GetEnvironmentVariable("MEMORY_ALLOCATOR_LIB_PATH") != null;
        foreach (int threads in new[] { 1, Math.Max(2, Environment.ProcessorCount) })
        {
            IEnumerable<TurnResult> results = Compare("pair of 64 bytes", threads, PairCount, rounds, plugin
                ? [PairBeside<DirectContender>(), PairBeside<PluginContender>(), PairBeside<GlobalContender>(), PairBeside<SystemContender>()]
                : [PairBeside<SystemContender>(), PairBeside<DirectContender>(), PairBeside<GlobalContender>(), PairBeside<HandleContender>()]);
            if (!plugin)
            {
                results = results.Concat(Compare("value of 64 bytes", threads, PairCount, rounds,
                    [PairBeside<SystemContender>(), PairBeside<TypedContender>(), PairBeside<PoolContender>(), PairBeside<SourceContender>()]));
                results = results.Concat(Compare("pair of 64 bytes alone", threads, PairCount, rounds,
                    [Pair<SystemContender>(), Pair<DirectContender>(), Pair<GlobalContender>(), Pair<HandleContender>()]));
            }
            foreach (uint maxBytes in new uint[] { Loads.MaxBytes, Loads.FewSizesBytes })
                results = results.Concat(Compare($"{Loads.MinBytes} to {maxBytes} bytes", threads, MixedCount, rounds, plugin
                    ? [Mixed<DirectContender>(maxBytes), Mixed<PluginContender>(maxBytes), Mixed<GlobalContender>(maxBytes), Mixed<SystemContender>(maxBytes)]
                    : [Mixed<SystemContender>(maxBytes), Mixed<DirectContender>(maxBytes), Mixed<GlobalContender>(maxBytes), Mixed<HandleContender>(maxBytes)]));
            if (!plugin && threads > 1)
                results = results.Concat(Compare("freed by the next", threads, MixedCount, rounds,
                    [Handed<SystemContender>(), Handed<DirectContender>(), Handed<GlobalContender>(), Handed<HandleContender>()]));
            foreach (TurnResult result in results) yield return result;
        }
    }

    // A member's share of a turn: the CPU seconds it took.
    delegate double Body(int count, Crew crew, int member);

    sealed record Turn(string Name, Body Run);

    static Turn Pair<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, Timed(Loads.Pair<T>));
    static Turn PairBeside<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, Timed(Loads.PairBesideOthers<T>));
    static Turn Mixed<T>(uint maxBytes) where T : struct, IContender<T>, allows ref struct => new(T.Name, Timed(count => Loads.Mixed<T>(count, maxBytes)));
    static Turn Handed<T>() where T : struct, IContender<T>, allows ref struct => new(T.Name, Loads.HandedOn<T>);

    static Body Timed(Action<int> load) => (count, crew, _) =>
    {
        crew.Meet();
        double before = ThreadClock.CpuSeconds();
        load(count);
        return ThreadClock.CpuSeconds() - before;
    };

    static IEnumerable<TurnResult> Compare(string load, int threads, int count, int rounds, Turn[] turns)
    {
        // Until the optimizing compiler has been through.
        for (int i = 0; i < 40; i++)
        {
            foreach (Turn turn in turns) Seconds(turn, threads, 20_000);
            Thread.Sleep(10);
        }
        double[][] seconds = [.. turns.Select(_ => new double[rounds])];
        int[] order = [.. Enumerable.Range(0, turns.Length)];
        for (int round = 0; round < rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (int turn in order) seconds[turn][round] = Seconds(turns[turn], threads, count);
        }
        return turns.Select((turn, i) =>
            new TurnResult(load, threads, turn.Name, Median(seconds[i]) * 1e9 / count, Median(seconds[i].Zip(seconds[0], (mine, first) => mine / first))));
    }

    // CPU time of the slowest thread: other programs on the machine count less than in wall time.
    static double Seconds(Turn turn, int threads, int count)
    {
        double[] seconds = new double[threads];
        using Crew crew = new(threads);
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int member = i;
            all[i] = new Thread(() => seconds[member] = turn.Run(count, crew, member));
            all[i].Start();
        }
        foreach (Thread one in all) one.Join();
        return seconds.Max();
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
