using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The value of LD_PRELOAD: our library first, then all that the user had. The loader splits it at spaces and
// colons and expands `$`, so that a library in such a directory is reached through a link in /tmp.
internal static class PreloadVariable
{
    public const string Name = "LD_PRELOAD";

    /// <summary>Puts <paramref name="library"/> in front of what the variable has; the loader takes a library only once.</summary>
    public static void Prepend(ChildEnvironment environment, string library)
    {
        byte[] existing = environment.GetBytes(Name) ?? [];
        byte[] first = Bytes.OfText(library)[..^1];
        if (Split(Bytes.ToText(existing)).FirstOrDefault() == library) return;
        environment.Set(Name, existing.Length == 0 ? first : Bytes.Join(Bytes.Join(first, ":"u8), existing));
    }

    /// <summary>Takes every liblampyris out, which only an outer `lampyris run` can have put there.</summary>
    public static void RemoveOurs(ChildEnvironment environment)
    {
        string[] parts = Split(environment.Get(Name));
        string[] others = parts.Where(part => AllocatorCatalog.NameOfLibrary(Path.GetFileName(part)) != "lampyris").ToArray();
        if (others.Length == parts.Length) return;
        if (others.Length == 0) environment.Remove(Name);
        else environment.Set(Name, string.Join(':', others));
    }

    public static string[] Split(string? value) =>
        value is null ? [] : value.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A path to the same library that the loader does not cut in pieces.</summary>
    public static string SafePath(string library)
    {
        if (library.IndexOfAny([' ', ':', '$']) < 0) return library;

        // It stays behind: programs that the command leaves running still start others through it.
        string directory = $"/tmp/lampyris-{Linux.geteuid()}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(library)))[..16];
        string link = $"{directory}/{hash}/{Path.GetFileName(library).Replace(' ', '_').Replace(':', '_').Replace('$', '_')}";
        try
        {
            const UnixFileMode OwnerWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            const ushort GroupOrOtherWrites = 0x12;
            Directory.CreateDirectory(directory, OwnerWrites);
            bool isOurs = new DirectoryInfo(directory).LinkTarget is null
                && Linux.TryStatus(Bytes.OfText(directory), out Linux.FileStatus status)
                && status.UserId == Linux.geteuid() && (status.Mode & GroupOrOtherWrites) == 0;
            if (!isOurs) throw new UsageException($"{directory} belongs to someone else; move {library} to a path without space, ':' and '$'");
            Directory.CreateDirectory(Path.GetDirectoryName(link)!, OwnerWrites);
            if (new FileInfo(link).LinkTarget != library)
            {
                File.Delete(link);
                File.CreateSymbolicLink(link, library);
            }
            return link;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{library}: LD_PRELOAD can't hold this path, and a link could not be made: {problem.Message}");
        }
    }
}
