using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Reads a profile for a verb, and says on a terminal how far it is when that takes long.
internal static class ProfileFile
{
    /// <exception cref="ProfileException">it can't be opened or is no profile</exception>
    public static Profile Read(string path, bool hasSeries = false)
    {
        if (path.Length == 0) throw new UsageException("which file? Its name is empty");
        long length = File.Exists(path) ? new FileInfo(path).Length : 0;
        using var progress = new ProgressLine($"reading {Path.GetFileName(path)}");
        return ProfileReader.Read(path, new ReadOptions(hasSeries, bytes => progress.Tell(bytes, length)));
    }
}
