// A started process of a scene: collects its output, waits with a limit, and takes the whole process tree with it when it
// must be killed. A program that hangs is shown with the stacks of its threads, if gdb is there.
using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Lampyris.Programs.Tests;

internal enum Signal { Interrupt = 2, Quit = 3, Terminate = 15 }

internal sealed partial class RunningProgram : IDisposable
{
    readonly Process _process;
    readonly Task<string> _text;
    readonly Task<string> _error;

    public RunningProgram(Command command, ProcessStartInfo info)
    {
        Command = command;
        _process = Process.Start(info)!;
        Id = _process.Id;
        _text = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
        try
        {
            _process.StandardInput.Write(command.Input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of its input; its exit code tells whether that was right.
        }
    }

    public Command Command { get; }

    public int Id { get; }

    public bool HasEnded => _process.HasExited;

    public Output WaitForEnd(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        if (!_process.WaitForExit(limit))
            Fail($"'{Command}' hangs: it did not end within {limit.TotalSeconds:0} s\n{Stacks()}");
        TimeSpan rest = limit - Stopwatch.GetElapsedTime(start) + TimeSpan.FromSeconds(5);
        if (!Task.WaitAll([_text, _error], rest))
            Fail($"'{Command}' ended, but something it started still holds its output open");
        if (_process.ExitCode != Command.ExpectedExitCode)
            Assert.Fail($"'{Command}' ended with {Meaning(_process.ExitCode)}, not {Command.ExpectedExitCode}\n{Tail("stdout", _text.Result)}{Tail("stderr", _error.Result)}");
        return new Output(_text.Result, _error.Result);
    }

    public void WaitUntil(Func<bool> isReady, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isReady())
        {
            if (_process.HasExited)
                Assert.Fail($"'{Command}' ended with {Meaning(_process.ExitCode)} before it was ready\n{Tail("stdout", _text.Result)}{Tail("stderr", _error.Result)}");
            if (Stopwatch.GetElapsedTime(start) > limit)
                Fail($"'{Command}' was not ready within {limit.TotalSeconds:0} s\n{Stacks()}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Asks by signal to end, as a service manager would, and waits for the expected exit code.</summary>
    public Output Stop(Signal signal, TimeSpan limit)
    {
        _ = SendSignal(Id, (int)signal); // one that is gone already is judged by its exit code
        return WaitForEnd(limit);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    void Fail(string message)
    {
        _process.Kill(entireProcessTree: true);
        Assert.Fail(message);
    }

    static string Meaning(int exitCode) => exitCode > 128 ? $"exit code {exitCode} (signal {exitCode - 128})" : $"exit code {exitCode}";

    static string Tail(string name, string text) => text.Length == 0 ? "" : $"--- {name}\n{(text.Length > 3000 ? "... " + text[^3000..] : text)}\n";

    string Stacks()
    {
        try
        {
            using Process gdb = Process.Start(new ProcessStartInfo("gdb", ["-nx", "-batch", "-p", $"{Id}", "-ex", "thread apply all bt 25"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> ignored = gdb.StandardError.ReadToEndAsync();
            Task<string> text = gdb.StandardOutput.ReadToEndAsync();
            if (text.Wait(TimeSpan.FromSeconds(60)))
                return Tail("stacks", text.Result);
            gdb.Kill();
            return "(gdb did not answer)";
        }
        catch (Win32Exception)
        {
            return "(install gdb to see its stacks here)";
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
    }
}
