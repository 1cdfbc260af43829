using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Lampyris.Preload.Tests;

/// <summary>Stacks for a failure's message: of a program that hangs, and of one that crashed.</summary>
internal static class Gdb
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    /// <summary>The stacks of every thread of a process and of its descendants (8 processes at most).</summary>
    public static string StacksOfTree(int pid)
    {
        if (Commands.Find("gdb") is not { } gdb) return "(gdb is not installed: no stacks)";
        var text = new StringBuilder();
        foreach (int one in Tree(pid).Take(8))
        {
            text.AppendLine($"--- stacks of process {one}");
            CommandResult seen = Commands.Run(
                [gdb, "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "thread apply all backtrace 16", "-p", one.ToString(System.Globalization.CultureInfo.InvariantCulture)], s_limit);
            text.AppendLine(Tail(seen.Output, 200));
        }
        return text.ToString();
    }

    /// <summary>Runs a command again under gdb and gives the stacks at its crash, or at that of its first child.</summary>
    public static string StacksOfCrash(IReadOnlyList<string> words, IReadOnlyDictionary<string, string> environment, bool inChild)
    {
        if (Commands.Find("gdb") is not { } gdb) return "(gdb is not installed: no stacks)";
        // `exec-wrapper env` sets the variables for the program alone: gdb itself does not run on the library under test.
        string variables = string.Join(' ', environment.Select(one => $"{one.Key}={one.Value}"));
        CommandResult seen = Commands.Run(
            [gdb, "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", $"set exec-wrapper env {variables}",
             "-ex", inChild ? "set follow-fork-mode child" : "set follow-fork-mode parent",
             "-ex", "run", "-ex", "thread apply all backtrace 16", "-ex", "info registers rip rsp rbp", "--args", .. words], s_limit);
        return Tail(seen.Output, 200);
    }

    static List<int> Tree(int pid)
    {
        var all = new List<int> { pid };
        for (int at = 0; at < all.Count; at++)
            foreach (string task in Directory.Exists($"/proc/{all[at]}/task") ? Directory.GetDirectories($"/proc/{all[at]}/task") : [])
                try { all.AddRange(File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)); }
                catch (IOException) { } // the task ended meanwhile
        return all;
    }

    static string Tail(string text, int lines) => string.Join('\n', text.Split('\n').TakeLast(lines));
}
