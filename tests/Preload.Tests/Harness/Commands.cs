using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;

namespace Lampyris.Preload.Tests;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">128 + signal for a command that a signal killed, as .NET gives it.</param>
/// <param name="Stacks">The stacks of all threads of the command and its children, when it ran into the time limit.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Error, TimeSpan Elapsed, bool TimedOut, string Stacks);

/// <summary>Runs a command with a time limit and keeps what it wrote.</summary>
internal static class Commands
{
    public static CommandResult Run(
        IReadOnlyList<string> words, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.Environment.Remove("LD_PRELOAD");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start");
        process.StandardInput.Close();
        StringBuilder output = new(), error = new();
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        bool ended = process.WaitForExit(limit);
        string stacks = "";
        if (!ended)
        {
            stacks = Gdb.StacksOfTree(process.Id);
            process.Kill(entireProcessTree: true);
        }
        // Waits for the pipes to close too; a grandchild that keeps them open must not hold up the test run.
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try { process.WaitForExitAsync(grace.Token).GetAwaiter().GetResult(); }
        catch (OperationCanceledException) { Keep(error, "(its output was still held open by another process 5 s after its end)"); }
        lock (output) lock (error)
            return new(process.HasExited ? process.ExitCode : -1, output.ToString(), error.ToString(), Stopwatch.GetElapsedTime(began), !ended, stacks);
    }

    static void Keep(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    /// <summary>The full path of a command on PATH; null when it is not there.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
