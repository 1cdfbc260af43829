using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

/// <summary>The programs in apps/, compiled when a test first asks for one.</summary>
internal static class Apps
{
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    static readonly ConcurrentDictionary<string, Lazy<string>> s_built = new();

    static string Sources => Path.Combine(Paths.Root, "tests/Profiling.Tests/apps");

    static string Folder => Directory.CreateDirectory(Path.Combine(Paths.Root, "artifacts/profiling-tests")).FullName;

    /// <summary>apps/native/SOURCE, as `artifacts/profiling-tests/NAME`.</summary>
    public static string Native(string source, string name, params string[] options) => s_built.GetOrAdd(name, _ => new(() =>
    {
        string target = Path.Combine(Folder, name);
        string compiler = Path.GetExtension(source) switch { ".c" => "gcc", ".cpp" => "g++", _ => "rustc" };
        string[] common = compiler == "rustc" ? ["-g"] : ["-g", "-Wall", "-Wextra", "-Werror", "-pthread"];
        Make([compiler, .. common, .. options, "-o", target, Path.Combine(Sources, "native", source)]);
        return target;
    })).Value;

    /// <summary>The library without symbols that chains.c calls.</summary>
    public static string Silent => Native("silent.c", "libsilent.so", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-s");

    /// <summary>A .NET project, published; the path of the program `NAME`.</summary>
    public static string DotNet(string project, string name, string kind = "jit", params string[] options) => s_built.GetOrAdd(project + kind, _ => new(() =>
    {
        string output = Path.Combine(Folder, $"{name}-{kind}");
        Make(["dotnet", "publish", Path.Combine(Sources, project), "-c", "Release", "--use-current-runtime", "-o", output, "--nologo", "-v", "quiet",
            "-p:UseSharedCompilation=false", .. kind == "jit" ? ["--no-self-contained"] : Array.Empty<string>(), .. options]);
        return Path.Combine(output, name);
    })).Value;

    static void Make(IReadOnlyList<string> words)
    {
        CommandResult built = Commands.Run(words, s_limit, new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0" });
        Assert.True(built.ExitCode == 0 && !built.TimedOut, $"{string.Join(' ', words)}\n{built.Output}{built.Error}");
    }
}
