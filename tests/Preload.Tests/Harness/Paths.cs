using System.IO;
using System.Linq;
using System.Reflection;

namespace Lampyris.Preload.Tests;

/// <summary>Where things are in this repository.</summary>
internal static class Paths
{
    public static string Root { get; } = typeof(Paths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(one => one.Key == "RepoRoot").Value!.TrimEnd('/');

    /// <summary>C and C++ sources of the test programs; `lib_*` become shared libraries.</summary>
    public static string Sources => Path.Combine(Root, "tests/Preload.Tests/programs");

    /// <summary>The compiled test programs.</summary>
    public static string Programs => Path.Combine(Root, "artifacts/preload-tests");

    /// <summary>liblampyris.so and the static libraries.</summary>
    public static string Native => Path.Combine(Root, "artifacts/native");

    public static string Samples => Path.Combine(Root, "samples");

    public static string Include => Path.Combine(Root, "include");
}
