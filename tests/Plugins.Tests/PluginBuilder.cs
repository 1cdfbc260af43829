using System;
using System.Collections.Generic;
using System.IO;
using Lampyris.Plugins.Tests;
using Lampyris.Preload.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(PluginBuilder))]

namespace Lampyris.Plugins.Tests;

/// <summary>Builds, once, the plugins in C#, a plugin and a host in C++, samples/native-host with and without its switches, and a .NET host.</summary>
public sealed class PluginBuilder
{
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public static string Output { get; } = Path.Combine(Paths.Root, "artifacts/plugin-tests");

    public PluginBuilder()
    {
        Directory.CreateDirectory(Output);
        foreach (string project in (string[])["src/Preload", "src/Plugins/Jemalloc", "src/Plugins/Tcmalloc", "src/Plugins/Mimalloc", "samples/plugins/counting", "samples/plugins/arena", "samples/plugins/pool", "samples/plugins/guarded", "tests/Allocators.Tests/Collecting"])
            Build("dotnet", "build", Path.Combine(Paths.Root, project), "-c", "Release", "--nologo", "-v", "quiet");
        string programs = Path.Combine(Paths.Root, "tests/Plugins.Tests/programs");
        string[] compiler = ["g++", "-std=c++17", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-pthread", "-I", Paths.Include];
        Build([.. compiler, "-o", Path.Combine(Output, "contract"), Path.Combine(programs, "contract.cc"), "-ldl"]);
        Build([.. compiler, "-o", Path.Combine(Output, "misuse"), Path.Combine(programs, "misuse.cc"), "-ldl"]);
        Build([.. compiler, "-shared", "-fPIC", "-o", Path.Combine(Output, "libstranger.so"), Path.Combine(programs, "stranger.cc")]);
        string build = Path.Combine(Paths.Samples, "native-host/build.sh");
        Build(build, Path.Combine(Output, "host-sizes"), "-DOVERRIDE_CXX_NEW_DELETE", "-DSAVE_ALLOCATE_SIZE");
        Build(build, Path.Combine(Output, "host"), "-DOVERRIDE_CXX_NEW_DELETE");
        Build(build, Path.Combine(Output, "host-plain"));
    }

    public static void Build(params string[] words)
    {
        var environment = new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0" };
        CommandResult built = Commands.Run(words, s_limit, environment);
        Assert.True(built.ExitCode == 0, $"{string.Join(' ', words)}\n{built.Output}{built.Error}");
    }
}
