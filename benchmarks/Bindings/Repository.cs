using System.IO;
using System.Linq;
using System.Reflection;

namespace Lampyris.Benchmarks;

/// <summary>Where things are in this repository.</summary>
static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "RepoRoot").Value!;

    /// <summary>liblampyris.so, which must have been built.</summary>
    public static string Library { get; } = Path.Combine(Root, "artifacts/native/liblampyris.so");
}
