using System;
using System.IO;
using Lampyris.Reporting.Pprof;
using Xunit;

namespace Lampyris.Analysis.Tests;

// Goal: the real `go tool pprof` reads what we write and sees the same numbers.
public class PprofFormatTests
{
    static string Pprof(params string[] arguments)
    {
        using var folder = new Folder();
        using (FileStream file = File.Create(folder.File("p.pb.gz"))) PprofFormat.Write(Sample.Read(Sample.Everything), Metric.Live, file);
        return Tool.Run(folder.Path, "/usr/lib/go-1.19/bin/go", ["tool", "pprof", .. arguments, "p.pb.gz"]);
    }

    [Fact]
    public void PprofShowsWhatIsLive()
    {
        string top = Pprof("-top", "-unit=B");

        Assert.Contains("Type: inuse_space", top, StringComparison.Ordinal);
        Assert.Contains("100% of 9216B total", top, StringComparison.Ordinal);
        Assert.Contains("8192B 88.89% 88.89%      8192B 88.89%  libwork.so.1+0x300", top, StringComparison.Ordinal);
        Assert.Contains("1024B 11.11%   100%      1024B 11.11%  grow (inline)\n", top, StringComparison.Ordinal);
        Assert.Contains("0     0%   100%      9216B   100%  main", top, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inuse_objects", "9 total")]
    [InlineData("peak_space", "12288B total")]
    [InlineData("peak_objects", "10 total")]
    [InlineData("alloc_space", "113312B total")]
    public void EveryMetricIsASampleType(string type, string total) =>
        Assert.Contains($"of {total}\n", Pprof(["-top", $"-sample_index={type}", .. type.EndsWith("space", StringComparison.Ordinal) ? ["-unit=B"] : Array.Empty<string>()]), StringComparison.Ordinal);

    [Fact]
    public void MappingsLinesThreadsAndInlinedFunctionsAreInIt()
    {
        string raw = Pprof("-raw");

        Assert.Contains("1: 0x555500000000/0x555500100000/0x0 /usr/bin/app abcdef [FN][FL][LN][IN]", raw, StringComparison.Ordinal);
        Assert.Contains("2: 0x7fff00000000/0x7fff00200000/0x0 /lib/libwork.so.1", raw, StringComparison.Ordinal);
        Assert.Contains("0x555500000fff M=1 grow grow.c:12", raw, StringComparison.Ordinal);
        Assert.Contains("fill fill.c:34", raw, StringComparison.Ordinal);
        Assert.Contains("thread:[worker]", raw, StringComparison.Ordinal);
        Assert.Contains("heap:[GC]", raw, StringComparison.Ordinal);
        Assert.Contains("System.String", raw, StringComparison.Ordinal);
    }
}
