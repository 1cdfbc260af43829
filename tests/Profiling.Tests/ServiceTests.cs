using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

// Goal: whoever hunts a native leak in a .NET service is told the method that leaks, however the profile was taken. Method: apps/Service,
// which loses what one of its many paths takes.
public sealed class ServiceTests
{
    const string Leaking = "Thumbnails.RenderDamaged(int)";

    static string Service => Apps.DotNet("Service", "service");

    [Fact]
    public void TheLeakIsFirstAndNothingElseGrows()
    {
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Service, "8"], 64 * 1024);
        Assert.True(Truth.CompleteShare(profile) >= 0.99, $"{Truth.CompleteShare(profile):p2} complete");
        long lost = long.Parse(result.Output.Split("lost ")[1], CultureInfo.InvariantCulture);
        long live = profile.Sites.Where(site => site.Frames.Any(frame => frame.Function == Leaking)).Sum(site => site.Live.Bytes);
        Assert.InRange(live, lost - 5 * Math.Sqrt(lost * 65536.0), lost + 5 * Math.Sqrt(lost * 65536.0));

        List<JsonElement> sites = AssertLeakIsFirst(lampyris, "profile.lprof");
        Assert.Single(sites, site => site.GetProperty("verdict").GetString() == "growing");
    }

    [Fact]
    public void AKilledServiceHasItsLeakNamedToo()
    {
        using var lampyris = new CommandLine();
        using var command = new Background([CommandLine.Program, "profile", "--quiet", "-o", "profile.lprof", "--", Service, "60"], lampyris.Folder);
        Assert.Equal("ready", command.Line());
        Thread.Sleep(7000);
        Process.GetProcessById(command.Innermost()).Kill();
        Assert.Equal(128 + 9, command.End());

        AssertLeakIsFirst(lampyris, "profile.lprof");
        Assert.Contains(ProfileReader.Read(lampyris.PathOf("profile.lprof")).Remarks, remark => remark.Contains("killed", StringComparison.Ordinal));
    }

    [Fact]
    public void ARunningServiceIsProfiledWithoutARestart()
    {
        using var lampyris = new CommandLine();
        using var service = new Background([Service, "60"], lampyris.Folder, ("LD_PRELOAD", Profiled.Library));
        Assert.Equal("ready", service.Line());
        string id = service.Id.ToString(CultureInfo.InvariantCulture);
        string file = lampyris.PathOf("running.lprof");
        CommandResult started = lampyris.Run(["profile", id, "--start", "-o", file, "--interval", "64K"]);
        Assert.Equal((0, $"profiling process {id} to {file}\nend it by: lampyris profile {id} --stop\n"), (started.ExitCode, started.Error));
        Thread.Sleep(3000);
        Assert.Equal(0, lampyris.Run(["profile", id, "--dump", "--quiet", "-o", "first.lprof"]).ExitCode);
        Thread.Sleep(3000);
        Assert.Equal(0, lampyris.Run(["profile", id, "--dump", "--quiet", "-o", "second.lprof"]).ExitCode);
        Thread.Sleep(1000);
        CommandResult stopped = lampyris.Run(["profile", id, "--stop"]);
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.Contains(Leaking, stopped.Error, StringComparison.Ordinal);
        Assert.Contains($"page       {file}.html\n", stopped.Error, StringComparison.Ordinal);

        foreach (string dump in new[] { "first.lprof", "second.lprof", "running.lprof" })
        {
            Profile profile = ProfileReader.Read(lampyris.PathOf(dump));
            double complete = Truth.CompleteShare(profile);
            TestContext.Current.TestOutputHelper!.WriteLine($"{dump}: {profile.SampleCount} samples, {complete:p3} complete");
            Assert.True(complete >= 0.99, $"{dump}: {complete:p2} complete");
        }
        JsonElement change = JsonDocument.Parse(lampyris.Run(["diff", "--json", "first.lprof", "second.lprof"]).Output).RootElement.GetProperty("changes")[0];
        Assert.Contains(Leaking, Functions(change));
        Assert.Equal("grew", change.GetProperty("kind").GetString());
        AssertLeakIsFirst(lampyris, "running.lprof");
        AssertLeakIsFirst(lampyris, "first.lprof", "second.lprof", "running.lprof");
        CommandResult again = lampyris.Run(["profile", id, "--stop"]);
        Assert.Equal((1, $"lampyris: process {id} is not being profiled\n"), (again.ExitCode, again.Error));
    }

    static List<JsonElement> AssertLeakIsFirst(CommandLine lampyris, params string[] files)
    {
        CommandResult leaks = lampyris.Run(["leaks", "--json", .. files]);
        Assert.True(leaks.ExitCode == 3, $"leaks {string.Join(' ', files)}: ended with {leaks.ExitCode}\n{leaks.Error}{lampyris.Run(["leaks", .. files]).Output}");
        List<JsonElement> sites = [.. JsonDocument.Parse(leaks.Output).RootElement.GetProperty("sites").EnumerateArray()];
        Assert.True(Functions(sites[0]).Contains(Leaking), lampyris.Run(["leaks", .. files]).Output);
        return sites;
    }

    static List<string> Functions(JsonElement site) => [.. site.GetProperty("frames").EnumerateArray().Select(frame => frame.GetProperty("function").GetString()!)];
}
