using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>Takes a study's figures: rounds, and in each the allocators in a new random order.</summary>
/// <param name="study">What is measured.</param>
/// <param name="allocators">Those compared.</param>
/// <param name="percent">Of the work of the studies' own programs; 100 unless somebody only tries them.</param>
internal sealed class StudyRun(Study study, IReadOnlyList<Allocator> allocators, int percent)
{
    private const int TouchedMb = 512;

    private readonly Random _random = new(20260303);
    private readonly List<Figure> _figures = [];

    public IReadOnlyList<Allocator> Allocators => allocators;

    public int Percent => percent;

    /// <summary>Starts at 0.</summary>
    public int Round { get; private set; }

    /// <summary>Runs all rounds; writes the results so far to <paramref name="path"/> after each.</summary>
    public StudyResults Run(int rounds, string path)
    {
        double load = Machine.LoadBefore();
        var results = new StudyResults(Machine.Describe(), load, 0, [.. allocators], _figures);
        for (; Round < rounds; Round++)
        {
            Console.Error.WriteLine($"{study.Name}: round {Round + 1} of {rounds}");
            study.MeasureRound(this);
            results = results with { Rounds = Round + 1 };
            results.Write(path);
        }
        return results;
    }

    public T[] Shuffled<T>(IEnumerable<T> all)
    {
        T[] order = [.. all];
        _random.Shuffle(order);
        return order;
    }

    /// <summary>Runs a program and notes each line "name value" that it prints, or that stands in the file
    /// <paramref name="figures"/>, and what it cost, as figures of <paramref name="load"/>.</summary>
    public void Measure(string load, Allocator allocator, string[] command, string driver = "", string[]? environment = null, int touchedMb = TouchedMb, string? figures = null)
    {
        Launcher.TouchMemory(touchedMb);
        Cost cost = Launcher.Run(allocator, new Workload(load, "", command) { Driver = driver }, environment);
        Note(load, allocator, "cpu_s", cost.CpuSeconds);
        Note(load, allocator, "minor_faults", cost.MinorFaults);
        Note(load, allocator, "peak_kb", cost.PeakKb);
        foreach (string line in File.ReadLines(figures ?? Launcher.ProgramOutput))
            if (line.Split(' ') is [string name, string value] && double.TryParse(value, CultureInfo.InvariantCulture, out double number)) Note(load, allocator, name, number);
    }

    public void Note(string load, Allocator allocator, string name, double value) => _figures.Add(new Figure(load, allocator.Name, Round, name, value));
}
