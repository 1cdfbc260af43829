using System;
using System.Diagnostics;

namespace Lampyris.Cli.Tests;

/// <summary>A program that says one line when it is ready; ended with the test.</summary>
internal sealed class Running : IDisposable
{
    public Running(string path, params (string Name, string Value)[] environment)
    {
        _ = Launcher.ProgramPath;       // building it may take longer than the process lives
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Process = Process.Start(start)!;
        FirstLine = Process.StandardOutput.ReadLine() ?? "";
    }

    public Process Process { get; }
    public string Id => Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public string FirstLine { get; }

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}
