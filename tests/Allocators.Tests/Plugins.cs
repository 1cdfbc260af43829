using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using Lampyris.Tests;
using Xunit;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Plugins))]

namespace Lampyris.Tests;

/// <summary>Compiles the plugins, once before the first test: `plugins/NAME.cc` becomes `plugins/NAME.so` beside the tests.</summary>
public sealed class Plugins
{
    public static string RepoRoot { get; } = typeof(Plugins).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "RepoRoot").Value!;
    static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "plugins");

    public static string Counting => Of("counting");
    public static string Null => Of("null");
    public static string Nameless => Of("nameless");

    /// <summary>A working plugin whose file says that it is for 64-bit ARM.</summary>
    public static string ForArm64 => Of("arm64");

    public static string NotALibrary => Of("text");

    public Plugins()
    {
        Directory.CreateDirectory(s_folder);
        foreach (string source in Directory.GetFiles(Path.Combine(RepoRoot, "tests/Allocators.Tests/plugins"), "*.cc"))
            Compile(source, Of(Path.GetFileNameWithoutExtension(source)));
        byte[] library = File.ReadAllBytes(Counting);
        library[18] = 183;                      // e_machine: EM_AARCH64
        File.WriteAllBytes(ForArm64, library);
        File.WriteAllText(NotALibrary, string.Concat(Enumerable.Repeat("This is a text, and no library.\n", 100)));
    }

    static string Of(string name) => Path.Combine(s_folder, name + ".so");

    static void Compile(string source, string target)
    {
        ProcessStartInfo start = new("g++", ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I", Path.Combine(RepoRoot, "include"), "-o", target, source])
        {
            RedirectStandardError = true,
        };
        using Process compiler = Process.Start(start)!;
        string error = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode != 0) throw new InvalidOperationException($"{source} does not compile:\n{error}");
    }
}
