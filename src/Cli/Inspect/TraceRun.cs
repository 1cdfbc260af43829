using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// `inspect --trace`: runs a command under strace, which writes to a file of ours, and reports when it has ended.
/// <param name="reportPath">Where the report goes; null for stderr.</param>
internal sealed class TraceRun(IReadOnlyList<string> command, string? reportPath)
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

        using ReportFile? file = reportPath is null ? null : ReportFile.Open(reportPath);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("lampyris-trace-");
        try
        {
            string log = Path.Combine(scratch.FullName, "log");
            return Trace(strace, log, arguments, caller, file, isJson);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    int Trace(byte[] strace, string log, List<byte[]> arguments, CallerState caller, ReportFile? file, bool isJson)
    {
        string[] options = ["strace", "-f", "-q", "-y", "-e", "signal=none", "-e", Calls, "-o", log, "--"];
        int errno = ChildProcess.Start(strace, [.. options.Select(option => Bytes.OfText(option)[..^1]), .. arguments], caller.Environment, caller, out int child);
        if (errno != 0)
        {
            file?.Withdraw();
            Terminal.Complain($"strace: {Linux.ErrorText(errno)}");
            return ExitCode.Failed;
        }
        ChildEvent end;
        bool wasInterrupted;
        using (var sampler = new Sampler(child, Allocator.System))
        {
            var supervisor = new Supervisor(child, sampler, () => Traced(child));
            end = supervisor.Run();
            wasInterrupted = supervisor.WasInterrupted;
        }

        var tally = new TraceTally();
        if (File.Exists(log))
            foreach (string line in File.ReadLines(log)) tally.Read(line);
        if (tally.ProgramCount == 0)
        {
            file?.Withdraw();
            Terminal.Complain("strace could not trace the command: the system may forbid it");
            return ExitCode.Failed;
        }
        TraceReport report = tally.Report(command, end);
        string text = isJson ? TraceJson.Of(report) : TraceText.Of(report, file is null ? Ink.For(Terminal.Error) : Ink.Plain);
        if (file is not null)
        {
            if (file.Write(text) is { } problem) Terminal.Complain($"{reportPath}: {problem}");
        }
        else if (!caller.IsStderrClosed)
        {
            Terminal.Write(Terminal.Error, isJson ? text : "\n" + text);
        }
        if (wasInterrupted && end is { Kind: ChildEventKind.Killed, Value: Signals.Int }) Supervisor.DieOfInterrupt();
        return end.ExitCode;
    }

    /// <summary>The command under strace, which itself takes no signals meant to end it. strace, where the kernel does not tell.</summary>
    static int Traced(int strace)
    {
        try
        {
            string children = File.ReadAllText($"/proc/{strace}/task/{strace}/children");
            return int.TryParse(children.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) ? first : strace;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return strace;
        }
    }
}
