using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lampyris.Cli;

// Where a report goes: the file of --output, or standard output.
internal static class ReportOutput
{
    /// <param name="path">null: standard output</param>
    /// <param name="write">gets a stream that it leaves open</param>
    /// <returns>whether all of it could be written; if not, that was said</returns>
    public static bool Write(string? path, Action<Stream> write)
    {
        try
        {
            using Stream stream = path is null
                ? new FileStream(new SafeFileHandle(Terminal.Out, ownsHandle: false), FileAccess.Write, bufferSize: 1 << 16)
                : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
            write(stream);
            stream.Flush();
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            const int BrokenPipe = 32;
            if (path is not null || (problem.HResult & 0xFFFF) != BrokenPipe) Terminal.Complain($"{path ?? "standard output"}: can't be written: {problem.Message}");
            return false;
        }
    }

    public static bool Write(string? path, Action<TextWriter> write) => Write(path, (Stream stream) =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });

    /// <summary>Throws when --output would write over what is to be read, or an input is a mistaken option.</summary>
    public static void CheckIsNoInput(string? path, IEnumerable<string> inputs)
    {
        // The parser takes an option that it does not know for a file.
        if (inputs.FirstOrDefault(input => input.StartsWith('-')) is { } option) throw new UsageException($"'{option}' is no option (a file of that name is ./{option})");
        if (path is null) return;
        if (path.Length == 0) throw new UsageException("--output: which file? Its name is empty");
        if (inputs.Any(input => input.Length > 0 && Path.GetFullPath(input) == Path.GetFullPath(path)))
            throw new UsageException($"--output {path}: is the profile itself");
    }
}
