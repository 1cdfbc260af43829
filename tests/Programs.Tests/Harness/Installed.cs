// Finds the programs under test: Debian's own, in Debian's directories, so that a private build further up in PATH is
// not tested by mistake. A missing program is a failed test that names its package, never a skipped one.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Programs.Tests;

internal static class Installed
{
    static readonly string[] s_directories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>Programs whose Debian package has another name.</summary>
    static readonly Dictionary<string, string> s_packages = new()
    {
        ["awk"] = "mawk",
        ["convert"] = "imagemagick",
        ["find"] = "findutils",
        ["gs"] = "ghostscript",
        ["initdb"] = "postgresql",
        ["java"] = "default-jdk-headless",
        ["javac"] = "default-jdk-headless",
        ["nginx"] = "nginx-light",
        ["node"] = "nodejs",
        ["pgbench"] = "postgresql",
        ["php"] = "php-cli",
        ["pg_ctl"] = "postgresql",
        ["postgres"] = "postgresql",
        ["psql"] = "postgresql-client",
        ["redis-benchmark"] = "redis-tools",
        ["redis-cli"] = "redis-tools",
        ["setpriv"] = "util-linux",
        ["sort"] = "coreutils",
        ["xz"] = "xz-utils",
    };

    /// <summary>What a program's PATH is: Debian's directories, then the one where the .NET SDK stands.</summary>
    public static string SearchPath => string.Join(':', s_directories.Append(System.IO.Path.GetDirectoryName(Path("dotnet"))));

    public static string Path(string program)
    {
        if (program.Contains('/'))
            return program;
        IEnumerable<string> directories = program switch
        {
            "dotnet" => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Prepend(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? ""),
            "initdb" or "pgbench" or "postgres" or "pg_ctl" => PostgresDirectories(),
            _ => s_directories,
        };
        foreach (string directory in directories)
        {
            string path = System.IO.Path.Combine(directory, program);
            if (directory.Length > 0 && File.Exists(path))
                return path;
        }
        throw new InvalidOperationException($"{program} is not installed; it is in the Debian package {s_packages.GetValueOrDefault(program, program)} (see .ci/packages.txt)");
    }

    /// <summary>Debian keeps the server's programs apart, one directory for each major version.</summary>
    static IEnumerable<string> PostgresDirectories() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => System.IO.Path.Combine(d, "bin"))
        : [];
}
