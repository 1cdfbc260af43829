using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Cli.Tests;

/// <summary>What one run of a program left behind.</summary>
public sealed record Outcome(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);
}

// Runs `./lampyris` as a user does, or a shell script that does (`$L` is the program).
// Built once before the first test; a report in the way of a test's own words is turned off with --quiet.
public static class Launcher
{
    const int MostSeconds = 60;

    public static readonly string RepoRoot = typeof(Launcher).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "RepoRoot").Value!.TrimEnd('/');

    static readonly Lazy<string> s_path = new(() =>
    {
        string path = Path.Combine(RepoRoot, "lampyris");
        Outcome built = Start(path, ["--version"], [], 900);
        Assert.True(built.ExitCode == 0, built.Error);
        return path;
    });

    public static string ProgramPath => s_path.Value;
    public static string LibraryPath => ProgramPath.Length > 0 ? Path.Combine(RepoRoot, "artifacts/native/liblampyris.so") : "";

    public static Outcome Run(params string[] arguments) => Start(ProgramPath, arguments, [], MostSeconds);

    public static Outcome RunWithInput(byte[] input, params string[] arguments) => Start(ProgramPath, arguments, input, MostSeconds);

    /// <summary>Runs a script in bash with `L` set to the program and `D` to <paramref name="directory"/>.</summary>
    public static Outcome Shell(string script, string directory = "/tmp") =>
        // A .NET test runner ignores SIGPIPE, and whatever it starts does so too.
        Start("/usr/bin/env", ["--default-signal", "bash", "-c", $"L={ProgramPath}; D={directory}; {script}"], [], MostSeconds);

    /// <summary>A person at a terminal; the steps are those of terminal.py, `$L` in them the program.</summary>
    public static Outcome Terminal(params string[] steps)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "terminal.py");
        return Start("/usr/bin/env", ["python3", script, .. steps.Select(step => step.Replace("$L", ProgramPath, StringComparison.Ordinal))], [], 120);
    }

    static Outcome Start(string path, IReadOnlyList<string> arguments, byte[] input, int mostSeconds)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        Task copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task feeding = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It did not want all of it.
            }
        });
        if (!process.WaitForExit(mostSeconds * 1000))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"still running after {mostSeconds} s: {path} {string.Join(' ', arguments)}");
        }
        Assert.True(Task.WaitAll([copying, error, feeding], mostSeconds * 1000), "its output is held open by a process that it left behind");
        return new Outcome(process.ExitCode, output.ToArray(), error.Result);
    }
}

/// <summary>A directory for one test's files, gone afterwards; others may enter it.</summary>
public sealed class Scratch : IDisposable
{
    public Scratch()
    {
        Path = Directory.CreateTempSubdirectory("lampyris-test-").FullName;
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    public string FilePath(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Compiles C and returns the program's path.</summary>
    public string Compile(string name, string source, params string[] options) => Compile("gcc", ".c", name, source, options);

    /// <summary>Compiles C++ and returns the program's path.</summary>
    public string CompileCxx(string name, string source, params string[] options) => Compile("g++", ".cc", name, source, options);

    string Compile(string compiler, string extension, string name, string source, string[] options)
    {
        string file = FilePath(name + extension), program = FilePath(name);
        File.WriteAllText(file, source);
        using var running = Process.Start(new ProcessStartInfo(compiler, ["-o", program, file, .. options]) { RedirectStandardError = true })!;
        string errors = running.StandardError.ReadToEnd();
        running.WaitForExit();
        Assert.True(running.ExitCode == 0, errors);
        return program;
    }

    public string Script(string name, string text)
    {
        string path = FilePath(name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
