using System;
using System.IO;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The file of `--report`: opened before the command starts, so that a path that can't be written is told while there
// is still time, and written once at the end.
internal sealed class ReportFile : IDisposable
{
    readonly string _path;
    readonly FileStream _stream;
    readonly bool _isNew;

    ReportFile(string path, FileStream stream, bool isNew) => (_path, _stream, _isNew) = (path, stream, isNew);

    /// <summary>Throws `UsageException` when the file can't be opened for writing.</summary>
    public static ReportFile Open(string path)
    {
        try
        {
            bool isNew = !File.Exists(path);
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new ReportFile(path, stream, isNew);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--report {path}: can't be written: {problem.Message}");
        }
    }

    /// <summary>Replaces what the file held. Returns what went wrong, or null.</summary>
    public string? Write(string text)
    {
        try
        {
            bool isRegular = Linux.TryStatus(Bytes.OfText(_path), out Linux.FileStatus status) && status.IsRegular;
            if (isRegular) _stream.SetLength(0);
            _stream.Write(Encoding.UTF8.GetBytes(text));
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }
    }

    /// <summary>There will be no report: a file that was made for it goes away again.</summary>
    public void Withdraw()
    {
        if (_isNew) File.Delete(_path);
    }

    public void Dispose() => _stream.Dispose();
}
