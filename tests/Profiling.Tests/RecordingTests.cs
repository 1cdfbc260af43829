using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Profiling.Tests;

// The recorder inside real processes, against what programs/truth.c is known to allocate. Every allocation is taken, so
// all figures are exact.
public sealed class RecordingTests
{
    [Fact]
    public void EverySiteIsNamedWithItsBytesLiveAtThePeakAndInAll()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "known"]);
        Profile profile = run.Read();
        AssertKnown(profile);
        Assert.Equal([Profiled.Truth, "known"], profile.Command);
        Assert.Equal(Profiled.Truth, profile.Executable);
        Assert.Equal(0, profile.LostCount);
        Assert.Empty(profile.Remarks);
        Assert.NotEmpty(profile.Timeline);
        Frame frame = profile.Sites.SelectMany(site => site.Frames).First(frame => frame.Function == "site_peak");
        Assert.EndsWith("truth.c", frame.File);
        Assert.True(frame.Line > 0);
    }

    static void AssertKnown(Profile profile)
    {
        Assert.Equal(new Weight(50 * 1000, 50), Profiled.Sum(profile, "site_live", site => site.Live));
        Assert.Equal(new Weight(100 * 1000, 100), Profiled.Sum(profile, "site_live", site => site.Allocated));
        Assert.Equal(new Weight(0, 0), Profiled.Sum(profile, "site_peak", site => site.Live));
        Assert.Equal(new Weight(300 * 5000, 300), Profiled.Sum(profile, "site_peak", site => site.Peak));
        Assert.Equal(new Weight(100 * 1000, 100), Profiled.Sum(profile, "site_live", site => site.Peak));
        Assert.Equal(new Weight(5000 * 200, 5000), Profiled.Sum(profile, "site_passing", site => site.Allocated));
        Assert.Equal(new Weight(0, 0), Profiled.Sum(profile, "site_passing", site => site.Peak));
    }

    [Fact]
    public void AKilledProcessLeavesAllItDidUpToItsLastMoment()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "killed"], exitCode: 128 + 9);
        Profile profile = run.Read();
        AssertKnown(profile);
        Assert.Contains(profile.Remarks, remark => remark.Contains("killed", StringComparison.Ordinal));
    }

    [Fact]
    public void AForkedChildHasAFileOfItsOwnThatBeginsWithWhatItInherited()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "forks"]);
        string child = run.Result!.Output.Trim();
        Assert.Equal([run.File, $"{run.File}.{child}"], run.Files());
        Profile parents = run.Read(), childs = run.Read($"{run.File}.{child}");
        Assert.Equal(new Weight(13 * 10000, 13), Profiled.Sum(parents, "site_parent", site => site.Live));
        Assert.Equal(default, Profiled.Sum(parents, "site_child", site => site.Allocated));
        Assert.Equal(new Weight(9 * 10000, 9), Profiled.Sum(childs, "site_parent", site => site.Live));
        Assert.Equal(new Weight(7 * 20000, 7), Profiled.Sum(childs, "site_child", site => site.Live));
        Assert.Equal(child, childs.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void AProgramThatExecutesAnotherLeavesTwoFiles()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "executes"]);
        Assert.Equal(2, run.Files().Count);
        foreach (string file in run.Files()) AssertKnown(run.Read(file));
    }

    [Fact]
    public void ThreadsAreToldApartByName()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "threads"]);
        Profile profile = run.Read();
        var bytes = profile.Sites.Where(site => site.Frames[^1].Function == "site_thread").GroupBy(site => site.Thread)
            .ToDictionary(group => group.Key, group => group.Sum(site => site.Allocated.Bytes));
        Assert.Equal(new Dictionary<string, long> { ["oak"] = 300_000, ["elm"] = 150_000, ["ash"] = 150_000 }, bytes);
    }

    [Fact]
    public void RefusedMemoryMarksWhatWasLiveThen()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "refused"]);
        ProfileMark mark = Assert.Single(run.Read().Marks);
        Assert.Equal(MarkReason.MemoryRefused, mark.Reason);
        Assert.Equal(1L << 50, mark.Value);
        Assert.Equal(10_000_000, mark.Live.Values.Sum(weight => weight.Bytes), 10_000.0);
    }

    [Fact]
    public void ALimitMarksWhatWasLiveWhenItWasPassed()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "grows"], environment: ("LAMPYRIS_PROFILE_LIMIT", "20000000"));
        ProfileMark mark = Assert.Single(run.Read().Marks);
        Assert.Equal(MarkReason.LimitReached, mark.Reason);
        Assert.Equal(20_000_000, mark.Value);
        Assert.InRange(mark.Live.Values.Sum(weight => weight.Bytes), 20_000_000, 21_100_000);
    }

    [Fact]
    public void AFileThatGrowsTooLongIsReplacedByItsSums()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "much"]);
        Assert.InRange(new FileInfo(run.File).Length, 1, 70 << 20);
        Assert.Single(Directory.GetFiles(run.Folder));
        Profile profile = run.Read();
        Assert.Equal(new Weight(4_000_000L * 200, 4_000_000), Profiled.Sum(profile, "site_passing", site => site.Allocated));
        Assert.Equal(new Weight(2 * 777, 2), Profiled.Sum(profile, "site_live", site => site.Live));
        Assert.True(profile.Timeline.Count > 3);
    }

    [Fact]
    public void SignalHandlersMayAllocateWhileOthersAreRecorded()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "signals"]);
        Profile profile = run.Read();
        Assert.Equal(900_000, Profiled.Sum(profile, "site_thread", site => site.Allocated).Count);
        Weight inHandlers = Profiled.Sum(profile, "site_handler", site => site.Allocated);
        Assert.True(inHandlers.Count > 10, $"{inHandlers.Count} in handlers");
        Assert.Equal(0, Profiled.Sum(profile, "site_handler", site => site.Live).Bytes);
    }

    [Fact]
    public void ForksAndBareClonesFromAmongThreadsThatAllocateComeToAnEnd()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "fork_storm"]);
        Assert.Equal(900_000, Profiled.Sum(run.Read(), "site_thread", site => site.Allocated).Count);
        Assert.Equal(51, run.Files().Count);
        foreach (string file in run.Files().Skip(1).Take(10))
            Assert.Equal(new Weight(100 * 500, 100), Profiled.Sum(run.Read(file), "site_child", site => site.Live));
    }

    [Theory]
    [InlineData("/nowhere/profile.lprof")]
    [InlineData("/proc/profile.lprof")]
    public void APathThatCantBeWrittenIsToldInOneLineAndTheProgramGoesOn(string path)
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "known"], environment: ("LAMPYRIS_PROFILE", path));
        Assert.Matches($"^lampyris: profile: can't write {path} \\(error [0-9]+\\); no profile is taken\n$", run.Result!.Error);
    }

    [Fact]
    public void AFullDiskEndsTheProfileInOneLineAndWhatIsThereCanBeRead()
    {
        using Profiled run = Profiled.Run(["sh", "-c", $"ulimit -f 4096; exec {Profiled.Truth} much"]);
        string file = run.Files().Single(one => one != run.File || new FileInfo(one).Length > 1 << 20);
        Assert.Matches("^lampyris: profile: no room to go on writing .*; what is there can be read\n$", run.Result!.Error);
        Profile profile = run.Read(file);
        Assert.True(profile.SampleCount > 100_000);
    }

    [Theory]
    [InlineData("LAMPYRIS_PROFILE_INTERVAL", "many")]
    [InlineData("LAMPYRIS_PROFILE_INTERVAL", "0")]
    [InlineData("LAMPYRIS_PROFILE_LIMIT", "-1")]
    public void ABadOptionIsToldAndItsDefaultUsed(string name, string value)
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "grows"], environment: (name, value));
        Assert.StartsWith($"lampyris: {name}={value} is not a number from", run.Result!.Error, StringComparison.Ordinal);
        Assert.NotEmpty(run.Read().Sites);
    }

    [Fact]
    public void AProgramThatAllocatesLittleLeavesNoFile()
    {
        using Profiled run = Profiled.Run(["/bin/true"], interval: 1L << 36);
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    // Goal: what is seen of a few allocations is about what all of them are. Method: the same program, sampled, against its truth.
    [Fact]
    public void SampledFiguresAreCloseToTheTruth()
    {
        using Profiled run = Profiled.Run([Profiled.Truth, "known"], interval: 2000);
        Profile profile = run.Read();
        // Standard deviations are sqrt(interval / bytes): 3.7 % and 4.5 %.
        Assert.InRange(Profiled.Sum(profile, "site_peak", site => site.Peak).Bytes, 0.8 * 1_500_000, 1.2 * 1_500_000);
        Assert.InRange(Profiled.Sum(profile, "site_passing", site => site.Allocated).Bytes, 0.75 * 1_000_000, 1.25 * 1_000_000);
        Assert.InRange(profile.SampleCount, 500, 4000);
    }
}
