using System.Diagnostics;
using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>What one run of a program cost.</summary>
/// <param name="WallSeconds">From the start to the end, the driver's included.</param>
/// <param name="CpuSeconds">User and system, all threads.</param>
/// <param name="PeakKb">Most memory resident at once: of the largest process, or of all together where the workload is a tree.</param>
/// <param name="MinorFaults">OS pages touched for the first time, or again after they went back.</param>
internal sealed record Cost(double WallSeconds, double CpuSeconds, long PeakKb, long MinorFaults);

/// <summary>Runs a program under an allocator, through `benchmarks/tools/launch.c`.</summary>
internal static class Launcher
{
    private const int TreeSampleMs = 50;
    private const UnixFileMode AnyoneWrites = (UnixFileMode)0b110_110_110;

    private static readonly string s_testimony = Path.Combine(Folders.Output, "witness.txt");

    public static readonly string ProgramOutput = Path.Combine(Folders.Output, "stdout.txt");

    /// <summary>Makes the host of a virtual machine back so much memory that the next run does not wait for it.</summary>
    public static void TouchMemory(int megabytes) => RunTool([Folders.Tool("touch-memory"), megabytes.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Prepares one turn.</summary>
    /// <exception cref="CannotMeasureException">The workload can't be set up here.</exception>
    public static void SetUp(Workload workload)
    {
        if (workload.Setup.Length == 0) return;
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", workload.Setup]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        string errors = shell.StandardError.ReadToEnd().Trim();
        shell.WaitForExit();
        if (shell.ExitCode != 0) throw new CannotMeasureException($"{workload.Name} can't be set up: {(errors.Length > 0 ? errors : output.Result.Trim())}");
    }

    /// <exception cref="CannotMeasureException">The workload can't be set up here.</exception>
    /// <exception cref="InvalidOperationException">The program failed, or did not use this allocator.</exception>
    public static Cost Run(Allocator allocator, Workload workload, string[]? environment = null)
    {
        SetUp(workload);
        File.WriteAllText(s_testimony, "");
        File.SetUnixFileMode(s_testimony, AnyoneWrites); // a server that refuses to be root testifies, too

        string preload = $"{Folders.Tool("witness.so")}:{allocator.Library}", sampleMs = (workload.IsTree ? TreeSampleMs : 0).ToString(CultureInfo.InvariantCulture);
        string[] figures = RunTool([Folders.Tool("launch"), preload, ProgramOutput, sampleMs, workload.Driver, .. workload.Command], environment).Split(' ', StringSplitOptions.TrimEntries);
        long[] numbers = Array.ConvertAll(figures, figure => long.Parse(figure, CultureInfo.InvariantCulture));
        if (numbers[4] != 0) throw new InvalidOperationException($"{workload.Name} under {allocator.Name} ended with status {numbers[4]}");
        CheckTestimony(allocator, workload);
        return new Cost(numbers[0] / 1e9, numbers[1] / 1e6, numbers[2], numbers[3]);
    }

    /// <summary>Every process of the run must have had its malloc from the allocator's library.</summary>
    private static void CheckTestimony(Allocator allocator, Workload workload)
    {
        (string Program, string Library)[] witnesses = [.. File.ReadLines(s_testimony).Select(line => line.Split('\t')).Select(parts => (Path.GetFileName(parts[0]), parts[1]))];
        if (witnesses.Length == 0) throw new InvalidOperationException($"{workload.Name} did not load {allocator.Library}: is it a static program?");
        foreach (var (program, library) in witnesses)
            if (library != allocator.Library) throw new InvalidOperationException($"not under {allocator.Name}: {program} is on {library}");
        foreach (string program in workload.Processes.Except(witnesses.Select(witness => witness.Program)))
            throw new InvalidOperationException($"{workload.Name} under {allocator.Name}: no {program} has loaded {allocator.Library}");
    }

    private static string RunTool(string[] command, string[]? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment["BENCH_WITNESS"] = s_testimony;
        foreach (string variable in environment ?? [])
        {
            int equals = variable.IndexOf('=');
            start.Environment[variable[..equals]] = variable[(equals + 1)..];
        }
        using Process tool = Process.Start(start)!;
        string output = tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        return tool.ExitCode == 0 ? output : throw new InvalidOperationException($"{Path.GetFileName(command[0])} ended with status {tool.ExitCode}");
    }
}
