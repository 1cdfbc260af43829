using System.Collections.Generic;
using System.IO;
using Lampyris.Preload.Tests;

namespace Lampyris.Plugins.Tests;

/// <summary>A plugin, and what is to be known of it beforehand.</summary>
/// <param name="Name">What its status line begins with.</param>
/// <param name="Path">Its library.</param>
/// <param name="Profiles">Whether it can profile, in the environment it is started in.</param>
public sealed record PluginUnderTest(string Name, string Path, bool Profiles)
{
    public static IReadOnlyList<PluginUnderTest> All { get; } =
    [
        new("lampyris", Native("liblampyris.so"), true),
        new("jemalloc", Native("liblampyris-jemalloc.so"), true),
        new("tcmalloc", Native("liblampyris-tcmalloc.so"), false),
        new("mimalloc", Native("liblampyris-mimalloc.so"), false),
        new("counting", Sample("counting"), false),
        new("arena", Sample("arena"), false),
        new("pool", Sample("pool"), false),
        new("guarded", Sample("guarded"), false),
        new("stranger", System.IO.Path.Combine(PluginBuilder.Output, "libstranger.so"), false),
    ];

    /// <summary>The variables a host needs to run on it.</summary>
    public Dictionary<string, string> Environment
    {
        get
        {
            var variables = new Dictionary<string, string> { ["MEMORY_ALLOCATOR_LIB_PATH"] = Path };
            if (Name != "jemalloc") return variables;
            // Debian's needs its thread-local storage reserved at start, and to be told that it may profile.
            variables["GLIBC_TUNABLES"] = "glibc.rtld.optional_static_tls=16384";
            variables["MALLOC_CONF"] = "prof:true,prof_active:false";
            return variables;
        }
    }

    static string Native(string file) => System.IO.Path.Combine(Paths.Native, file);

    static string Sample(string name) => System.IO.Path.Combine(Paths.Samples, "plugins", name, "bin", $"lib{name}.so");
}
