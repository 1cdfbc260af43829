using System.Diagnostics;
using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>What one run of a program cost.</summary>
/// <param name="WallSeconds">From the start to the end, the driver's included.</param>
/// <param name="CpuSeconds">User and system, all threads.</param>
/// <param name="PeakKb">Most memory resident at once; of the largest process where there are several.</param>
/// <param name="MinorFaults">OS pages touched for the first time, or again after they went back.</param>
internal sealed record Cost(double WallSeconds, double CpuSeconds, long PeakKb, long MinorFaults);

/// <summary>Runs a program under an allocator, through `benchmarks/tools/launch.c`.</summary>
internal static class Launcher
{
    private static readonly string s_testimony = Path.Combine(Folders.Output, "witness.txt");

    public static readonly string ProgramOutput = Path.Combine(Folders.Output, "stdout.txt");

    /// <summary>Makes the host of a virtual machine back so much memory that the next run does not wait for it.</summary>
    public static void TouchMemory(int megabytes) => RunTool([Folders.Tool("touch-memory"), megabytes.ToString(CultureInfo.InvariantCulture)]);

    /// <exception cref="InvalidOperationException">The program failed, or did not use this allocator.</exception>
    public static Cost Run(Allocator allocator, string[] command, string driver = "", string[]? environment = null)
    {
        File.Delete(s_testimony);
        string preload = $"{Folders.Tool("witness.so")}:{allocator.Library}";
        string[] figures = RunTool([Folders.Tool("launch"), preload, ProgramOutput, driver, .. command], environment).Split(' ', StringSplitOptions.TrimEntries);
        long[] numbers = Array.ConvertAll(figures, figure => long.Parse(figure, CultureInfo.InvariantCulture));
        if (numbers[4] != 0) throw new InvalidOperationException($"{command[0]} under {allocator.Name} ended with status {numbers[4]}");
        CheckTestimony(allocator, command[0]);
        return new Cost(numbers[0] / 1e9, numbers[1] / 1e6, numbers[2], numbers[3]);
    }

    /// <summary>Every process of the run must have had its malloc from the allocator's library.</summary>
    private static void CheckTestimony(Allocator allocator, string program)
    {
        string[] lines = File.Exists(s_testimony) ? File.ReadAllLines(s_testimony) : [];
        if (lines.Length == 0) throw new InvalidOperationException($"{program} did not load {allocator.Library}: is it a static program?");
        foreach (string line in lines)
            if (line.Split('\t') is not [_, string library] || library != allocator.Library)
                throw new InvalidOperationException($"not under {allocator.Name}, but: {line}");
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
