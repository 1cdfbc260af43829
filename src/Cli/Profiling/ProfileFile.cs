using System;
using System.Diagnostics;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Reads a profile for a verb, and says on a terminal how far it is when that takes long.
internal static class ProfileFile
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1), s_period = TimeSpan.FromMilliseconds(200);

    /// <exception cref="ProfileException">it can't be opened or is no profile</exception>
    public static Profile Read(string path, bool hasSeries = false)
    {
        if (path.Length == 0) throw new UsageException("which file? Its name is empty");
        bool isWatched = Terminal.IsTerminal(Terminal.Error);
        long length = isWatched && File.Exists(path) ? new FileInfo(path).Length : 0;
        var clock = Stopwatch.StartNew();
        TimeSpan next = s_patience;
        bool hasLine = false;
        void Tell(long bytes)
        {
            if (length == 0 || clock.Elapsed < next) return;
            next = clock.Elapsed + s_period;
            hasLine = true;
            Terminal.Write(Terminal.Error, $"\rlampyris: reading {Path.GetFileName(path)}: {Math.Min(100, 100 * bytes / length)} %");
        }
        try
        {
            return ProfileReader.Read(path, new ReadOptions(hasSeries, isWatched ? Tell : null));
        }
        finally
        {
            if (hasLine) Terminal.Write(Terminal.Error, "\r\u001b[K");
        }
    }
}
