using System;
using System.Linq;
using Lampyris.Analysis;
using static Lampyris.Page.Tests.ProfileBuilder;

namespace Lampyris.Page.Tests;

/// <summary>The profiles that the tests look at.</summary>
static class Profiles
{
    const long MiB = 1024 * 1024;

    /// <summary>Small round figures: live 100 MiB, peak 160 MiB, allocated 400 MiB in 1,000,000 allocations.</summary>
    public static Profile Small() => SmallBuilder().Build();

    public static ProfileBuilder SmallBuilder()
    {
        ProfileBuilder profile = new() { Timeline = Ramp(90, 100 * MiB, 160 * MiB) };
        string main = "n|main|program|main.c:10", serve = "n|serve|program|serve.c:20";
        profile.Add("main", Bytes(60 * MiB, 600), Bytes(40 * MiB, 400), Bytes(100 * MiB, 900_000), main, serve, "n|cache_put|libcache.so.1|cache.c:30");
        profile.Add("main", Bytes(30 * MiB, 300), Bytes(20 * MiB, 200), Bytes(50 * MiB, 50_000), main, serve, "n|cache_put|libcache.so.1|cache.c:31");
        profile.Add("main", Bytes(10 * MiB, 100), Bytes(100 * MiB, 1000), Bytes(200 * MiB, 40_000), main, "n|parse|libparse.so|parse.c:7", "n|parse|libparse.so|parse.c:7");
        profile.Add("worker", Bytes(0, 0), Bytes(0, 0), Bytes(50 * MiB, 10_000), "n|start_thread|libc.so.6", "n|work|program|work.c:5");
        return profile;
    }

    /// <summary>`Small` an hour later: cache_put by line 30 grew by 40 MiB, parse shrank by 5 MiB, work appeared with 8 MiB, line 31's is another thread's now.</summary>
    public static Profile Later()
    {
        ProfileBuilder profile = new() { Timeline = Ramp(90, 100 * MiB, 160 * MiB) };
        string main = "n|main|program|main.c:12", serve = "n|serve|program|serve.c:22";
        profile.Add("main", Bytes(130 * MiB, 900), Bytes(140 * MiB, 900), Bytes(200 * MiB, 1_500_000), main, serve, "n|cache_put|libcache.so.1|cache.c:35");
        profile.Add("main", Bytes(5 * MiB, 50), Bytes(50 * MiB, 500), Bytes(100 * MiB, 20_000), main, "n|parse|libparse.so|parse.c:7", "n|parse|libparse.so|parse.c:7");
        profile.Add("worker", Bytes(8 * MiB, 80), Bytes(8 * MiB, 80), Bytes(50 * MiB, 10_000), "n|start_thread|libc.so.6", "n|work|program|work.c:5");
        return profile.Build();
    }

    public static Profile Empty() => new ProfileBuilder { Command = ["/usr/bin/true"], Executable = "/usr/bin/true" }.Build();

    /// <summary>Many stacks that share beginnings as those of real programs do.</summary>
    public static Profile Large(int sites, int depth)
    {
        Random random = new(20260314);
        Frame[] frames = [.. Enumerable.Range(0, 6000).Select(i => new Frame(
            $"Company.Product.Area{i % 97}.Service{i % 31}.Method{i}(System.String, System.Int32)", $"Company.Product.Area{i % 97}.dll", $"/src/Area{i % 97}/Service{i % 31}.cs", i % 900 + 1,
            (FrameKind)(1 + i % 3)))];
        ProfileBuilder profile = new() { Timeline = Ramp(3000, 1000 * MiB, 1500 * MiB) };
        Frame[] stack = [];
        for (int i = 0; i < sites; i++)
        {
            int kept = stack.Length == 0 ? 0 : depth - 1 - (int)(Math.Pow(random.NextDouble(), 2) * (depth - 1));
            stack = [.. stack.Take(kept), .. Enumerable.Range(0, depth - kept).Select(_ => frames[(int)(Math.Pow(random.NextDouble(), 3) * frames.Length)])];
            long bytes = random.Next(1000, 2_000_000);
            profile.Add($"worker {i % 16}", Bytes(bytes, bytes / 100), Bytes(2 * bytes, bytes / 50), Bytes(9 * bytes, bytes / 10), stack);
        }
        return profile.Build();
    }

    /// <summary>A point a second: live bytes that rise to the peak and fall to the end's.</summary>
    static TimelinePoint[] Ramp(int seconds, long end, long peak) => [.. Enumerable.Range(0, seconds + 1).Select(i =>
    {
        double share = i / (double)seconds;
        long live = (long)(share < 2.0 / 3 ? peak * share * 1.5 : peak - (peak - end) * (share * 3 - 2));
        return new TimelinePoint(TimeSpan.FromSeconds(i), live + 60 * MiB, live);
    })];
}
