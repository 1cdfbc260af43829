using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Lampyris.Preload.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(ProgramBuilder))]

namespace Lampyris.Preload.Tests;

/// <summary>Builds liblampyris.so if it is missing, and compiles each test program once, before the first test.</summary>
/// <remarks>
/// `programs/NAME.c` and `.cc` become `artifacts/preload-tests/NAME`, `programs/lib_NAME.c` a shared library `lib_NAME.so`.
/// A line `// flags: …` in a source adds to the compiler's flags (`{programs}` stands for the output folder).
/// What is newer than its source and the support headers stays as it is.
/// </remarks>
public sealed class ProgramBuilder
{
    // No builtins: the compiler must not reason about, merge or drop the calls that are under test.
    const string CommonFlags =
        "-O1 -g -fno-builtin -fno-omit-frame-pointer -pthread -Wall -Wextra -Werror -Wno-alloc-size-larger-than";

    public ProgramBuilder()
    {
        if (Preload.IsOurBuild && !File.Exists(Preload.Library)) BuildLibrary();
        if (Preload.Library is { } library && !File.Exists(library)) throw new FileNotFoundException("The library to preload is missing.", library);
        Directory.CreateDirectory(Paths.Programs);

        // Libraries first: programs may be linked with them.
        string[] sources = [.. Directory.GetFiles(Paths.Sources).Where(file => Path.GetExtension(file) is ".c" or ".cc").Order(StringComparer.Ordinal)];
        foreach (bool libraries in (bool[])[true, false])
        {
            var failures = new ConcurrentQueue<string>();
            Parallel.ForEach(sources.Where(file => IsLibrary(file) == libraries), new ParallelOptions { MaxDegreeOfParallelism = 2 }, source =>
            {
                if (Compile(source) is { } failure) failures.Enqueue(failure);
            });
            if (!failures.IsEmpty) throw new InvalidOperationException("These programs do not compile:\n" + string.Join("\n\n", failures));
        }
    }

    static bool IsLibrary(string source) => Path.GetFileName(source).StartsWith("lib_", StringComparison.Ordinal);

    static void BuildLibrary()
    {
        CommandResult built = Commands.Run(["dotnet", "build", Path.Combine(Paths.Root, "src/Preload/Preload.csproj"), "-c", "Release"], TimeSpan.FromMinutes(5));
        if (built.ExitCode != 0 || !File.Exists(Preload.Library))
            throw new InvalidOperationException($"src/Preload did not give {Preload.Library}:\n{built.Output}{built.Error}");
    }

    static string? Compile(string source)
    {
        bool library = IsLibrary(source);
        string target = Path.Combine(Paths.Programs, Path.GetFileNameWithoutExtension(source) + (library ? ".so" : ""));
        if (IsUpToDate(target, source)) return null;
        bool cxx = Path.GetExtension(source) == ".cc";
        List<string> words = [cxx ? "g++" : "gcc", cxx ? "-std=gnu++20" : "-std=gnu17", .. CommonFlags.Split(' '), .. library ? (string[])["-shared", "-fPIC"] : []];
        words.AddRange(["-o", target, source]);
        foreach (string line in File.ReadLines(source).Where(line => line.StartsWith("// flags: ", StringComparison.Ordinal)))
            words.AddRange(line["// flags: ".Length..].Replace("{programs}", Paths.Programs, StringComparison.Ordinal).Split(' '));
        CommandResult compiled = Commands.Run(words, TimeSpan.FromMinutes(2));
        return compiled.ExitCode == 0 ? null : string.Join(' ', words) + "\n" + compiled.Error;
    }

    static bool IsUpToDate(string target, string source) => File.Exists(target)
        && Directory.GetFiles(Path.Combine(Paths.Sources, "support")).Append(source)
            .All(file => File.GetLastWriteTimeUtc(file) < File.GetLastWriteTimeUtc(target));
}
