using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Lampyris.Benchmarks;

// This library beside .NET's way and mimalloc, under the JIT and compiled ahead of time. Processes of both kinds take turns, since where
// code and data happen to lie differs from one to the next.
static class Comparison
{
    const string Jit = "JIT", Aot = "NativeAOT";
    const int RoundsEach = 9;

    public static void Measure(int processes, bool updates)
    {
        string ahead = CompileAhead();
        Dictionary<(string Load, int Threads, string Compiler), Dictionary<string, List<TurnResult>>> rows = [];
        for (int i = 0; i < processes; i++)
            foreach ((string compiler, string[] command) in new[] { (Jit, Itself()), (Aot, [ahead]) })
                foreach (TurnResult result in Run([.. command, "turns", RoundsEach.ToString(CultureInfo.InvariantCulture)]))
                {
                    if (!rows.TryGetValue((result.Load, result.Threads, compiler), out var row)) rows[(result.Load, result.Threads, compiler)] = row = [];
                    if (!row.TryGetValue(result.Contender, out var results)) row[result.Contender] = results = [];
                    results.Add(result);
                }

        StringBuilder table = new();
        string[] contenders = [Name<DirectContender>(), Name<GlobalContender>(), Name<HandleContender>()];
        table.AppendLine("| load                   | threads | compiler  | NativeMemory, ns | mimalloc by P/Invoke | GlobalAllocator | NativeHeap |");
        table.AppendLine("| ---------------------- | ------: | --------- | ---------------: | -------------------: | --------------: | ---------: |");
        foreach (var ((load, threads, compiler), row) in rows.OrderBy(row => row.Key.Compiler).ThenBy(row => row.Key.Threads))
        {
            if (!row.ContainsKey(Name<HandleContender>())) continue;
            double scale = Turns.Median(row[Name<SystemContender>()].Select(result => result.Nanoseconds));
            double[] ratios = [.. contenders.Select(contender => Turns.Median(row[contender].Select(result => result.Ratio)))];
            table.AppendLine(CultureInfo.InvariantCulture, $"| {load,-22} | {threads,7} | {compiler,-9} | {scale,16:0.0} | {ratios[0],20:0.00} | {ratios[1],15:0.00} | {ratios[2],10:0.00} |");
        }
        Console.Write(table);
        if (updates)
            MarkedSection.Replace("benchmarks/Bindings, compare", $"Medians of {processes} processes of each kind and {RoundsEach} interleaved turns in each, {Environment.ProcessorCount} processors.\n\n{table}");
    }

    static string Name<T>() where T : struct, IContender<T>, allows ref struct => T.Name;

    static string[] Itself() => [Environment.ProcessPath!, .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>()];

    static string CompileAhead()
    {
        string folder = Path.Combine(Repository.Root, "artifacts/bench/bindings/ahead");
        Execute(["dotnet", "publish", Path.Combine(Repository.Root, "benchmarks/Bindings"), "-c", "Release", "--use-current-runtime", "-p:PublishAot=true", "-p:CppCompilerAndLinker=gcc", "-o", folder, "--nologo", "-v", "quiet"]);
        return Path.Combine(folder, "bindings");
    }

    static IEnumerable<TurnResult> Run(string[] command) =>
        Execute(command).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TurnResult.Parse);

    static string Execute(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment.Remove("LD_PRELOAD");
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{text}");
        return text;
    }
}
