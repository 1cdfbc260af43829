using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// A command under the profiler: started as `run` starts it, with the profile asked for through its environment; then names
// are put into the files it left, and the page is written.
internal sealed class ProfileRun(IReadOnlyList<string> command, string? output, long intervalBytes, long limitBytes, bool isManaged, bool isQuiet)
{
    public int Execute()
    {
        CallerState caller = CallerState.ForSupervising();
        string pattern = output is null ? Path.GetFullPath($"{Path.GetFileName(command[0])}.%p{ProfileFiles.Extension}") : Path.GetFullPath(output);
        CheckOutput(pattern);
        Allocator allocator = AllocatorCatalog.Find("lampyris");
        string traces = Directory.CreateTempSubdirectory("lampyris-").FullName;
        try
        {
            var settings = new List<(string, string)>
            {
                ("LAMPYRIS_PROFILE", pattern),
                ("LAMPYRIS_PROFILE_INTERVAL", intervalBytes.ToString(CultureInfo.InvariantCulture)),
                ("LAMPYRIS_PROFILE_LIMIT", limitBytes.ToString(CultureInfo.InvariantCulture)),
            };
            foreach ((string name, string value) in DotNetNames.LauncherEnvironment(traces, isManaged))
                if (caller.Environment.Get(name) is null) settings.Add((name, value));
            var run = new CommandRun(command, allocator, settings, caller);
            DateTime started = DateTime.UtcNow;
            bool hasRun = run.Execute() is not null;
            if (hasRun) Report(ProfileFiles.Written(pattern, started), traces, caller.IsStderrClosed);
            if (run.DiedOfCtrlC) Supervisor.DieOfInterrupt();
            return run.ExitCode;
        }
        finally
        {
            Directory.Delete(traces, recursive: true);
        }
    }

    // Before the command runs for an hour. A profile of before is replaced, anything else is not.
    static void CheckOutput(string path)
    {
        path = path.Replace("%p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (Directory.Exists(path)) throw new UsageException($"--output {path}: is a folder");
        if (!Directory.Exists(Path.GetDirectoryName(path))) throw new UsageException($"--output {path}: there is no such folder");
        try
        {
            if (File.Exists(path))
            {
                if (new FileInfo(path).Length > 0 && !ProfileFiles.IsProfile(path)) throw new UsageException($"--output {path}: there is another file; it is not overwritten");
                File.Delete(path);
            }
            using (new FileStream(path, FileMode.CreateNew)) { }
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--output {path}: {problem.Message}");
        }
    }

    void Report(IReadOnlyList<string> files, string traces, bool isStderrClosed)
    {
        if (files.Count == 0)
        {
            Terminal.Complain(intervalBytes > 1
                ? $"no samples: no process allocated much more than the interval of {intervalBytes} bytes; --interval 1 takes every allocation"
                : "no samples: no process of the command allocated anything on Lampyris");
            return;
        }
        foreach (string file in files)
        {
            string trace = DotNetNames.TraceFile(traces, ProfileFiles.ProcessId(file));
            bool isDotNet = File.Exists(trace);
            ProfileFiles.Name(file, isDotNet ? DotNetTrace.Read(trace) : null, isDotNet && isManaged ? ManagedAllocations.Read(trace) : null);
        }
        if (!isQuiet && !isStderrClosed) ProfileFiles.Show(files);
    }
}
