using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

/// <summary>One malloc under test: a name and the library that is preloaded for it.</summary>
/// <param name="Name">As in the tables; the control has a name of its own.</param>
/// <param name="Library">Full path, links resolved.</param>
/// <param name="Package">Debian package and version, or where else the library is from.</param>
internal sealed record Allocator(string Name, string Library, string Package)
{
    /// <summary>All figures are ratios to this one.</summary>
    public const string Baseline = "mimalloc";

    /// <summary>The baseline once more under another name: what differs between the two is noise.</summary>
    public const string Control = "mimalloc again";

    /// <summary>The one that is not a peer.</summary>
    public const string Ours = "lampyris";

    /// <summary>What a program runs on that nobody preloads anything for.</summary>
    public const string System = "glibc";

    private static readonly (string Name, string Library, string Package)[] s_peers =
    [
        (System, "libc.so.6", "libc6"),
        ("jemalloc", "libjemalloc.so.2", "libjemalloc2"),
        (Baseline, "libmimalloc.so.2.0", "libmimalloc2.0"),
        ("tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
    ];

    /// <summary>The allocators a run without `--allocator` compares.</summary>
    public static IEnumerable<string> StandardNames => s_peers.Select(peer => peer.Name).Prepend(Ours);

    /// <summary>Finds an allocator by name, or by NAME=PATH for any other library.</summary>
    /// <exception cref="CannotMeasureException">It is not on this machine; the message says what to install.</exception>
    public static Allocator Find(string wanted)
    {
        if (wanted.Split('=', 2) is [string name, string path])
            return File.Exists(path) ? new Allocator(name, RealPath(path), "given by path") : throw new CannotMeasureException($"{name}: no such file: {path}");
        if (wanted == Ours)
            return File.Exists(Folders.Lampyris) ? new Allocator(wanted, Folders.Lampyris, "this repository") : throw new CannotMeasureException($"lampyris is not built: {Folders.Lampyris}");
        foreach (var peer in s_peers)
        {
            if (peer.Name != wanted) continue;
            string? library = LibraryFolders().Select(folder => Path.Combine(folder, peer.Library)).FirstOrDefault(File.Exists);
            return library is null
                ? throw new CannotMeasureException($"{wanted} is not installed; Debian has it in the package {peer.Package}")
                : new Allocator(wanted, RealPath(library), $"{peer.Package} {Debian.VersionOf(peer.Package)}");
        }
        throw new CannotMeasureException($"unknown allocator {wanted}; known are {string.Join(", ", StandardNames)}, and NAME=PATH");
    }

    private static IEnumerable<string> LibraryFolders()
    {
        string triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        return [$"/usr/lib/{triplet}", $"/lib/{triplet}", "/usr/lib64", "/usr/local/lib", "/usr/lib"];
    }

    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path);
        return File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
    }
}
