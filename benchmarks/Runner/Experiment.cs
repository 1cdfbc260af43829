using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>Takes the samples: rounds over all workloads, and in each the allocators in a new random order.</summary>
internal sealed class Experiment(IReadOnlyList<Workload> workloads, IReadOnlyList<Allocator> allocators, int rounds, bool withIdle)
{
    private const int TouchedMb = 512, TouchedForIdleMb = 1536;
    private const int MaxIdleRounds = 3; // it waits more than it works, and its figures hardly vary

    private readonly Random _random = new(20260101);

    /// <summary>Runs all rounds; writes the results so far to <paramref name="path"/> after each.</summary>
    public Results Run(string path)
    {
        double load = Machine.LoadBefore();
        var results = new Results(Machine.Describe(), load, 0, [.. allocators], [.. workloads.Select(w => new WorkloadInfo(w.Name, w.What, w.IsOurs))], [], []);
        for (int round = 0; round < rounds; round++)
        {
            foreach (Workload workload in workloads)
            {
                Report($"round {round + 1} of {rounds}: {workload.Name}");
                foreach (Allocator allocator in Shuffled())
                {
                    Launcher.TouchMemory(TouchedMb);
                    results.Samples.Add(new Sample(workload.Name, allocator.Name, round, Launcher.Run(allocator, workload)));
                }
            }
            if (withIdle && round < MaxIdleRounds)
            {
                Report($"round {round + 1} of {rounds}: idle");
                foreach (Allocator allocator in Shuffled()) results.IdleSamples.Add(RunIdleService(allocator, round));
            }
            results = results with { Rounds = round + 1 };
            results.Write(path);
        }
        return results;
    }

    private static IdleSample RunIdleService(Allocator allocator, int round)
    {
        Launcher.TouchMemory(TouchedForIdleMb);
        Cost cost = Launcher.Run(allocator, Workload.Idle);
        return new IdleSample(allocator.Name, round, ResidentKb("full_resident_kb"), ResidentKb("idle_resident_kb"), cost.CpuSeconds);
    }

    private Allocator[] Shuffled()
    {
        Allocator[] order = [.. allocators];
        _random.Shuffle(order);
        return order;
    }

    private static long ResidentKb(string name)
    {
        string line = File.ReadLines(Launcher.ProgramOutput).First(text => text.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    private static void Report(string progress) => Console.Error.WriteLine(progress);
}
