using System;
using System.IO;

namespace Lampyris.Preload.Tests;

/// <summary>The library that the programs run on.</summary>
/// <remarks>
/// The environment variable LAMPYRIS_TEST_PRELOAD chooses another one than ours: a path (to see what a peer does with
/// the same programs), or "none" for plain glibc, which shows that a program asks for nothing but what is documented.
/// </remarks>
internal static class Preload
{
    static readonly string? s_chosen = Environment.GetEnvironmentVariable("LAMPYRIS_TEST_PRELOAD");

    /// <summary>The value for LD_PRELOAD; null for plain glibc.</summary>
    public static string? Library { get; } = s_chosen switch
    {
        null or "" => Path.Combine(Paths.Native, "liblampyris.so"),
        "none" => null,
        _ => s_chosen,
    };

    public static bool IsGlibc => Library is null;

    /// <summary>True when it is our own library from the place where the build puts it.</summary>
    public static bool IsOurBuild => string.IsNullOrEmpty(s_chosen);

    public static bool IsLampyris => Library is not null && Path.GetFileName(Library).Contains("lampyris", StringComparison.Ordinal);
}
