using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Cli;

// `inspect --trace`: runs a command under strace, which writes to a file of ours, and reports when it has ended.
internal sealed class TraceRun(IReadOnlyList<string> command)
{
    const string Calls = "trace=%memory,execve,?execveat,?fork,?vfork,?clone,?clone3";

    /// <summary>What to exit with: the command's own code once it has run.</summary>
    public int Execute(bool isJson)
    {
        CallerState caller = CallerState.ForSupervising();
        byte[]? searchPath = caller.Environment.GetBytes("PATH");
        if (CommandFile.Find("strace"u8, searchPath, out _) is not { } strace)
        {
            Terminal.Complain("strace is not installed (Debian package strace)");
            return ExitCode.Failed;
        }
        List<byte[]> arguments = RawArguments.Tail(command);
        if (CommandFile.Find(arguments[0], searchPath, out int errno) is null)
        {
            Terminal.Complain($"{command[0]}: {(errno == Linux.ENOENT && !command[0].Contains('/') ? "command not found" : Linux.ErrorText(errno))}");
            return errno is Linux.ENOENT or Linux.ENOTDIR ? ExitCode.NotFound : ExitCode.NotExecutable;
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("lampyris-trace-");
        try
        {
            string log = Path.Combine(scratch.FullName, "log");
            return Trace(strace, log, arguments, caller, isJson);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    int Trace(byte[] strace, string log, List<byte[]> arguments, CallerState caller, bool isJson)
    {
        string[] options = ["strace", "-f", "-q", "-y", "-e", "signal=none", "-e", Calls, "-o", log, "--"];
        int errno = ChildProcess.Start(strace, [.. options.Select(option => Bytes.OfText(option)[..^1]), .. arguments], caller.Environment, caller, out int child);
        if (errno != 0)
        {
            Terminal.Complain($"strace: {Linux.ErrorText(errno)}");
            return ExitCode.Failed;
        }
        ChildEvent end;
        bool wasInterrupted;
        using (var sampler = new Sampler(child, Allocator.System))
        {
            var supervisor = new Supervisor(child, sampler);
            end = supervisor.Run();
            wasInterrupted = supervisor.WasInterrupted;
        }

        var tally = new TraceTally();
        if (File.Exists(log))
            foreach (string line in File.ReadLines(log)) tally.Read(line);
        if (tally.ProgramCount == 0)
        {
            Terminal.Complain("strace could not trace the command: the system may forbid it");
            return ExitCode.Failed;
        }
        TraceReport report = tally.Report(command, end);
        if (!caller.IsStderrClosed) Terminal.Write(Terminal.Error, isJson ? TraceJson.Of(report) : "\n" + TraceText.Of(report, Ink.For(Terminal.Error)));
        if (wasInterrupted && end is { Kind: ChildEventKind.Killed, Value: Signals.Int }) Supervisor.DieOfInterrupt();
        return end.ExitCode;
    }
}
