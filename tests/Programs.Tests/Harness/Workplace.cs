// Where the tests work: one temporary directory for the run, readable by every user (postgres runs as its own), with
// a copy of the allocator under test and the compiled witness in it. Removed when the test host ends.
//
// The allocator is artifacts/native/liblampyris.so. LAMPYRIS_TEST_PRELOAD names another library instead: that is how
// the suite itself is checked against the peers (they must pass too, where they are right).
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Lampyris.Programs.Tests;

internal static class Workplace
{
    const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    static readonly Lazy<string> s_root = new(CreateRoot);
    static readonly Lazy<string> s_allocator = new(CopyAllocator);
    static readonly Lazy<string> s_witness = new(CompileWitness);
    static int s_sceneCount;

    public static string RepoRoot { get; } = typeof(Workplace).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "RepoRoot").Value!;

    /// <summary>Sources of the programs that the tests run.</summary>
    public static string Apps => Path.Combine(RepoRoot, "tests/Programs.Tests/apps");

    public static string Allocator => s_allocator.Value;

    /// <summary>False when the run was told to use a peer as a stand-in.</summary>
    public static bool AllocatorIsLampyris => Environment.GetEnvironmentVariable("LAMPYRIS_TEST_PRELOAD") is null or "";

    public static string Witness => s_witness.Value;

    /// <summary>Short, for the sake of Unix sockets, and always of one length, so that no program's line breaks depend on it.</summary>
    public static string NewSceneDirectory()
    {
        string path = Path.Combine(s_root.Value, $"{Interlocked.Increment(ref s_sceneCount):000}");
        Directory.CreateDirectory(path, ReadableByAll);
        return path;
    }

    static string CreateRoot()
    {
        string root = Directory.CreateTempSubdirectory("lampyris-programs-").FullName;
        File.SetUnixFileMode(root, ReadableByAll);
        if (Environment.GetEnvironmentVariable("LAMPYRIS_TEST_KEEP") is null or "")
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        return root;
    }

    static string CopyAllocator()
    {
        string? standIn = Environment.GetEnvironmentVariable("LAMPYRIS_TEST_PRELOAD");
        string source = string.IsNullOrEmpty(standIn) ? Path.Combine(RepoRoot, "artifacts/native/liblampyris.so") : standIn;
        if (!File.Exists(source))
            throw new InvalidOperationException($"the allocator {source} does not exist: build src/Preload first, or run ./test");
        string copy = Path.Combine(s_root.Value, Path.GetFileName(source));
        File.Copy(source, copy);
        File.SetUnixFileMode(copy, ReadableByAll);
        return copy;
    }

    static string CompileWitness()
    {
        string library = Path.Combine(s_root.Value, "witness.so");
        string[] arguments = ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, Path.Combine(Apps, "witness.c")];
        using Process gcc = Process.Start(new ProcessStartInfo(Installed.Path("gcc"), arguments) { RedirectStandardError = true })!;
        string error = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        if (gcc.ExitCode != 0)
            throw new InvalidOperationException("gcc could not build the witness: " + error);
        File.SetUnixFileMode(library, ReadableByAll);
        return library;
    }
}
