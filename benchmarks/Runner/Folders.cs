using System.Runtime.CompilerServices;

namespace Lampyris.Benchmarks;

/// <summary>Where things lie in the repository; `./bench` has built the binaries before the runner starts.</summary>
internal static class Folders
{
    public static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));
    public static readonly string Programs = Path.Combine(Root, "benchmarks", "programs");
    public static readonly string Docs = Path.Combine(Root, "docs");

    /// <summary>Built workloads and tools, generated inputs, results.</summary>
    public static readonly string Output = Path.Combine(Root, "artifacts", "bench");

    public static readonly string Lampyris = Path.Combine(Root, "artifacts", "native", "liblampyris.so");

    /// <summary>The project that the workload `dotnet-build` compiles, and where to; `./bench` has restored it.</summary>
    public static readonly string Built = Path.Combine(Root, "src", "Foundation"), BuiltTo = Path.Combine(Output, "dotnet-build");

    public static string Tool(string name) => Path.Combine(Output, "bin", name);

    public static string Input(string name) => Path.Combine(Output, "inputs", name);

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
