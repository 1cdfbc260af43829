using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The profiler inside a running process: switched on and off by a few words that are written into the root of its heap,
// which its threads look at in malloc's slow path. Its file is always up to date, so a dump is a copy.
internal sealed unsafe class ProfileControl(int processId, string? output, bool isQuiet)
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public int Execute(ProfileAction action, long intervalBytes, long limitBytes)
    {
        try
        {
            using LiveHeap heap = LiveHeap.Open(processId);
            return action switch
            {
                ProfileAction.Start => Start(heap, intervalBytes, limitBytes),
                ProfileAction.Stop => Stop(heap),
                _ => Dump(heap),
            };
        }
        catch (LiveHeapException problem)
        {
            Terminal.Complain(problem.Message);
            return ExitCode.Failed;
        }
    }

    int Start(LiveHeap heap, long intervalBytes, long limitBytes)
    {
        HeapRoot root = heap.ReadRoot();
        if (root.SampleIntervalBytes != 0) return Fail($"process {processId} is being profiled already: {PathOf(root)}");
        string path = Path.GetFullPath(output ?? $"{heap.ProgramName}.{processId}{ProfileFiles.Extension}");
        byte[] text = new byte[HeapRoot.ProfilePathBytes];
        if (Encoding.UTF8.GetByteCount(path) >= text.Length) return Fail($"{path}: the path is too long");
        Encoding.UTF8.GetBytes(path, text);
        heap.WriteRoot((byte*)root.ProfilePath - (byte*)&root, text);
        heap.WriteRoot((byte*)&root.ProfileRequestIntervalBytes - (byte*)&root, BitConverter.GetBytes(intervalBytes));
        heap.WriteRoot((byte*)&root.ProfileLimitBytes - (byte*)&root, BitConverter.GetBytes(limitBytes));
        heap.WriteRoot((byte*)&root.ProfileRequest - (byte*)&root, BitConverter.GetBytes((int)ProfileRequest.Start));
        bool hasStarted = Wait(heap, now => now.ProfileRequest == 0, out root) && Wait(heap, now => now.SampleIntervalBytes != 0, out root);
        if (root is { ProfileRequest: 0, SampleIntervalBytes: 0 }) return Fail($"process {processId} could not begin: it may not write {path} (its own stderr says why)");
        Terminal.Write(Terminal.Error, hasStarted
            ? $"profiling process {processId} to {path}\nend it by: lampyris profile {processId} --stop\n"
            : $"process {processId} has not allocated anything since; the profile begins when it does, in {path}\n");
        return ExitCode.Ok;
    }

    int Stop(LiveHeap heap)
    {
        HeapRoot root = heap.ReadRoot();
        if (root.SampleIntervalBytes == 0) return Fail($"process {processId} is not being profiled");
        string path = PathOf(root);
        heap.WriteRoot((byte*)&root.ProfileRequest - (byte*)&root, BitConverter.GetBytes((int)ProfileRequest.Stop));
        bool hasStopped = Wait(heap, now => now.SampleIntervalBytes == 0, out _);
        if (!hasStopped) Terminal.Complain($"process {processId} has not allocated anything since; the profile ends when it does");
        return Report(path, path);
    }

    int Dump(LiveHeap heap)
    {
        HeapRoot root = heap.ReadRoot();
        if (root.SampleIntervalBytes == 0) return Fail($"process {processId} is not being profiled");
        string path = PathOf(root);
        string copy = Path.GetFullPath(output ?? Path.ChangeExtension(Path.GetFileName(path), null) + "." + DateTime.Now.ToString("HHmmss", System.Globalization.CultureInfo.InvariantCulture) + ProfileFiles.Extension);
        return Report(path, copy);
    }

    int Report(string path, string to)
    {
        string inside = $"/proc/{processId}/root{path}";         // it may live in a container
        string from = File.Exists(path) && ProfileFiles.IsProfile(path) && ProfileFiles.ProcessId(path) == processId ? path : inside;
        if (!ProfileFiles.IsProfile(from)) return Fail($"process {processId} has not written anything yet: no allocation has been sampled");
        try
        {
            if (from != to) File.Copy(from, to, overwrite: ProfileFiles.IsProfile(to));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Fail($"{to}: {problem.Message}");
        }
        ProfileFiles.Name(to, DotNetTrace.Rundown(processId));
        if (isQuiet) Terminal.Write(Terminal.Error, $"{to}\n");
        else ProfileFiles.Show([to]);
        return ExitCode.Ok;
    }

    static bool Wait(LiveHeap heap, Func<HeapRoot, bool> isDone, out HeapRoot root)
    {
        long began = Stopwatch.GetTimestamp();
        while (!isDone(root = heap.ReadRoot()))
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience) return false;
            Thread.Sleep(20);
        }
        return true;
    }

    static string PathOf(HeapRoot root)
    {
        var text = new ReadOnlySpan<byte>(root.ProfilePath, HeapRoot.ProfilePathBytes);
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    static int Fail(string problem)
    {
        Terminal.Complain(problem);
        return ExitCode.Failed;
    }
}
