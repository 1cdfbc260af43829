using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>What profilers cost: rounds over the workloads, and in each the contenders in a new random order.</summary>
internal sealed class ProfilerExperiment(IReadOnlyList<Workload> workloads, IReadOnlyList<ProfilerContender> contenders, int rounds)
{
    private const int TouchedMb = 512;
    private const int SampleCostRounds = 15;
    private const long Pairs = 100_000;

    private static readonly int[] s_frames = [1, 20, 120];

    private readonly Random _random = new(20260202);

    /// <summary>Runs all rounds; writes the results so far to <paramref name="path"/> after each workload.</summary>
    public ProfilerResults Run(string path)
    {
        var results = new ProfilerResults(Machine.Describe(), Machine.LoadBefore(), [.. contenders.Select(c => new ContenderInfo(c.Name, c.Base, c.Allocator.Package))],
            [.. workloads.Select(w => new WorkloadInfo(w.Name, w.What, w.IsOurs))], [], MeasureSamples());
        for (int round = 0; round < rounds; round++)
            foreach (Workload workload in workloads)
            {
                Console.Error.WriteLine($"round {round + 1} of {rounds}: {workload.Name}");
                foreach (ProfilerContender contender in Shuffled())
                    if (!contender.OursOnly || (workload.IsOurs && round == 0)) results.Samples.Add(Measure(workload, contender, round));
                results.Write(path);
            }
        return results;
    }

    private static ProfilerSample Measure(Workload workload, ProfilerContender contender, int round)
    {
        foreach (string old in ProfileFiles()) File.Delete(old);
        Launcher.TouchMemory(TouchedMb);
        Cost cost = Launcher.Run(contender.Allocator, workload, contender.Environment);
        return new ProfilerSample(workload.Name, contender.Name, round, cost, ProfileFiles().Sum(file => new FileInfo(file).Length));
    }

    // One for each process of the run.
    private static string[] ProfileFiles() => Directory.GetFiles(Folders.Output, Path.GetFileName(ProfilerContender.ProfileFile) + "*");

    // At an interval of 2 bytes each block is a sample as at the default interval; 1 would also ask for the thread's name each time.
    private List<SampleCost> MeasureSamples()
    {
        Allocator lampyris = contenders.First(contender => contender.Name == ProfilerContender.Off).Allocator;
        var costs = new List<SampleCost>();
        foreach (int frames in s_frames)
        {
            var pairs = new Workload("samples", "pairs of malloc and free", [Folders.Tool("samples"), frames.ToString(CultureInfo.InvariantCulture), Pairs.ToString(CultureInfo.InvariantCulture)]);
            double[] profiled = new double[SampleCostRounds], plain = new double[SampleCostRounds];
            for (int round = 0; round < SampleCostRounds; round++)
            {
                foreach (string old in ProfileFiles()) File.Delete(old);
                profiled[round] = Nanoseconds([$"LAMPYRIS_PROFILE={ProfilerContender.ProfileFile}", "LAMPYRIS_PROFILE_INTERVAL=2"]);
                plain[round] = Nanoseconds([]);
            }
            costs.Add(new SampleCost(frames, Comparison.MedianOf(profiled), Comparison.MedianOf(plain)));

            double Nanoseconds(string[] environment)
            {
                Launcher.Run(lampyris, pairs, environment);
                return double.Parse(File.ReadAllText(Launcher.ProgramOutput), CultureInfo.InvariantCulture);
            }
        }
        return costs;
    }

    private ProfilerContender[] Shuffled()
    {
        ProfilerContender[] order = [.. contenders];
        _random.Shuffle(order);
        return order;
    }
}
