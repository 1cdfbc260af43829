using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

// Programs of Debian's, which have no symbols: what can be named must be, and every stack must lead up to main.
public sealed class RealProgramTests
{
    [Fact]
    public void RedisUnderLoadHasCompleteStacks()
    {
        using var lampyris = new CommandLine();
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        using var server = new Background([CommandLine.Program, "profile", "--quiet", "--interval", "16K", "-o", "redis.lprof", "--",
            "redis-server", "--port", port, "--save", "", "--daemonize", "no"], lampyris.Folder);
        while (!server.Line().Contains("Ready to accept connections", StringComparison.Ordinal)) { }
        CommandResult load = Commands.Run(["redis-benchmark", "-p", port, "-q", "-n", "20000", "-d", "300", "-r", "10000", "-t", "set,get,lpush,sadd,hset"], TimeSpan.FromSeconds(60));
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal(0, Commands.Run(["redis-cli", "-p", port, "shutdown", "nosave"], TimeSpan.FromSeconds(20)).ExitCode);
        Assert.Equal(0, server.End());

        Profile profile = ProfileReader.Read(lampyris.PathOf("redis.lprof"));
        AssertComplete(profile);
        Assert.True(profile.SampleCount > 1000, $"{profile.SampleCount} samples");
        Assert.Contains(profile.Sites, site => site.Frames.Count > 3 && site.Frames.Count(frame => frame.Library == "redis-check-rdb" || frame.Library == "redis-server") > 2);
        // 20,000 strings of 300 bytes in a list, and more of the other kinds.
        Assert.True(profile.Sites.Sum(site => site.Peak.Bytes) > 8_000_000);
    }

    [Fact]
    public void PythonHasCompleteStacks()
    {
        const string Script = "import json, re, zlib\nd = {i: str(i) * 10 for i in range(50000)}\nt = json.dumps(d)\nassert len(json.loads(t)) == 50000\nzlib.compress(t.encode())\n";
        using var lampyris = new CommandLine();
        (_, Profile profile) = lampyris.Profile(["/usr/bin/python3", "-c", Script], 4096);
        AssertComplete(profile);
        Assert.True(profile.SampleCount > 300, $"{profile.SampleCount} samples");
        Assert.All(profile.Sites.Where(site => site.Thread == "python3"), site => Assert.Contains(site.Frames, frame => frame.Function is "__libc_start_main" or "__libc_start_main@@GLIBC_2.34" or "_start" or "_dl_start" || frame.Library.StartsWith("ld-", StringComparison.Ordinal)));
        Assert.Contains(profile.Sites, site => site.Frames.Any(frame => frame.Function == "Py_BytesMain") && site.Frames[^1].Function.StartsWith("Py", StringComparison.Ordinal));
    }

    static void AssertComplete(Profile profile)
    {
        double complete = Truth.CompleteShare(profile);
        TestContext.Current.TestOutputHelper!.WriteLine($"{profile.Sites.Count} stacks, {profile.SampleCount} samples, {complete:p3} complete");
        Assert.True(complete >= 0.99, $"{complete:p2} complete:\n" + string.Join('\n', profile.Sites.Where(site => !site.IsComplete).Take(5).Select(Truth.Show)));
        Assert.Equal(0, profile.LostCount);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
