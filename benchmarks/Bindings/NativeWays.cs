using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace Lampyris.Benchmarks;

/// <summary>The ways from C to the same malloc: `pair.c`, linked in each of them, and run once a turn.</summary>
sealed class NativeWays
{
    readonly string _folder = Path.Combine(Repository.Root, "artifacts/bench/bindings");

    public NativeWays()
    {
        if (!File.Exists(Repository.Library)) throw new FileNotFoundException("build it first: dotnet build src/Preload -c Release", Repository.Library);
        Directory.CreateDirectory(_folder);
        string native = Path.GetDirectoryName(Repository.Library)!;
        Compile("plain");
        Compile("static", Path.Combine(native, "liblampyris.a"));
        Compile("lazy", "-fplt", "-Wl,-z,lazy", $"-L{native}", "-llampyris", $"-Wl,-rpath,{native}");
        Compile("now", "-fplt", "-Wl,-z,now", $"-L{native}", "-llampyris", $"-Wl,-rpath,{native}");
    }

    public Way[] All =>
    [
        new("linked statically", "C", count => Run(count, "static")),
        new("shared library, PLT bound at start", "C", count => Run(count, "now")),
        new("shared library, PLT bound lazily", "C", count => Run(count, "lazy")),
        new("LD_PRELOAD", "C", count => Run(count, "plain", preload: Repository.Library)),
        new("plugin: dlsym, then virtual calls", "C", count => Run(count, "plain", plugin: Repository.Library)),
        new("glibc's malloc", "C", count => Run(count, "plain")),
    ];

    void Compile(string name, params string[] options)
    {
        (int code, string text) = Execute("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-fno-builtin", "-o", Path.Combine(_folder, name), Path.Combine(Repository.Root, "benchmarks/Bindings/pair.c"), .. options, "-ldl"], null);
        if (code != 0) throw new InvalidOperationException($"pair.c does not compile as {name}:\n{text}");
    }

    double Run(int count, string name, string? preload = null, string? plugin = null)
    {
        string number = count.ToString(CultureInfo.InvariantCulture);
        (int code, string text) = Execute(Path.Combine(_folder, name), plugin == null ? [number] : [number, plugin], preload);
        if (code != 0) throw new InvalidOperationException($"{name} ended with {code}: {text}");
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    static (int ExitCode, string Text) Execute(string program, string[] arguments, string? preload)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("LD_PRELOAD");
        if (preload != null) start.Environment["LD_PRELOAD"] = preload;
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text);
    }
}
