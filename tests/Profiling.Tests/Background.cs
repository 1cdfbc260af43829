using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Profiling.Tests;

/// <summary>A program that runs beside the test, and is killed with it.</summary>
internal sealed class Background : IDisposable
{
    readonly Task<string> _error;
    readonly Process _process;

    public Background(IReadOnlyList<string> words, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start");
        _error = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>What it has said on stderr; waits for its end.</summary>
    public string Error => _error.Result;

    /// <summary>The next line of its standard output.</summary>
    public string Line()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(TimeSpan.FromSeconds(60)), "it said nothing for 60 s");
        return line.Result ?? throw new InvalidOperationException("it ended: " + Error);
    }

    /// <summary>Waits for its end, and returns its exit code.</summary>
    public int End()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(90)), "it did not end within 90 s");
        return _process.ExitCode;
    }

    /// <summary>The one process that it has started, or this started, and so on: the program itself, behind what launched it.</summary>
    public int Innermost()
    {
        int id = Id;
        while (Children(id) is [int child, ..]) id = child;
        return id;
    }

    static List<int> Children(int id)
    {
        var children = new List<int>();
        foreach (string task in System.IO.Directory.GetDirectories($"/proc/{id}/task"))
            children.AddRange(System.IO.File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(each => int.Parse(each, System.Globalization.CultureInfo.InvariantCulture)));
        return children;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
