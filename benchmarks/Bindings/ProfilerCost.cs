using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Lampyris.Benchmarks;

// What a profile costs the program it is taken of: turns with and without one in the same process, interleaved. A turn without one
// that follows another is the measure of what the machine itself does to the figures.
static class ProfilerCost
{
    const int PairCount = 4_000_000, MixedCount = 2_000_000;

    public static void Measure(int rounds)
    {
        Compare("pair of 64 bytes", rounds, () => Loads.Pair<GlobalContender>(PairCount));
        Compare("mixed 16..4096 bytes", rounds, () => Loads.Mixed<GlobalContender>(MixedCount, Loads.MaxBytes));
    }

    static void Compare(string load, int rounds, Action turn)
    {
        for (int i = 0; i < 5; i++) turn();
        double[] off = new double[rounds], on = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            double before = Seconds(turn), with = Profiled(turn), after = Seconds(turn);
            off[round] = after / before;
            on[round] = 2 * with / (before + after);
        }
        Array.Sort(off);
        Array.Sort(on);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load}: with a profile {on[rounds / 2]:0.000} of the time without one; without one again {off[rounds / 2]:0.000}"));
    }

    static double Profiled(Action turn)
    {
        string file = Path.Combine(Path.GetTempPath(), $"lampyris-cost-{Environment.ProcessId}.lprof");
        HeapProfile.Start(file);
        turn();                                 // the first stacks are named, which costs some milliseconds once
        double seconds = Seconds(turn);
        HeapProfile.Stop();
        File.Delete(file);
        return seconds;
    }

    static double Seconds(Action turn)
    {
        long start = Stopwatch.GetTimestamp();
        turn();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
