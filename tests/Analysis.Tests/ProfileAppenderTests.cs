using System;
using System.IO;
using System.Linq;
using Xunit;
using static Lampyris.Analysis.Tests.Sample;

namespace Lampyris.Analysis.Tests;

public sealed class ProfileAppenderTests : IDisposable
{
    readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    static void Recorded(ProfileWriter writer)
    {
        int stack = writer.Stack(writer.Thread("main"), StackTraits.Complete, [0x1000, 0x2000]);
        writer.Allocation(Ms(1), stack, Bytes(64));
        writer.End(Ms(2), EndReason.ProcessEnded);
    }

    void Append()
    {
        using var appender = ProfileAppender.Open(_path);
        appender.AddSymbol(0x1000, [Native("inner"), Native("outer")]);
        int main = appender.AddGcHeapStack("main", StackTraits.Complete, [0x2000], "System.Byte[]");
        int other = appender.AddGcHeapStack("other", StackTraits.None, [0x2000], "System.Byte[]");
        appender.AddAllocation(main, Bytes(1000, 10));
        appender.AddAllocation(other, Bytes(500, 5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50_000)]
    public void WhatIsAddedBehindZerosIsRead(int zeros)
    {
        File.WriteAllBytes(_path, [.. Write(Recorded), .. new byte[zeros]]);

        Append();

        Profile profile = ProfileReader.Read(_path);
        Assert.Empty(profile.Remarks);
        Assert.Equal(Ms(2), profile.Duration);
        Assert.Equal(64, profile.At("0x2000;outer;inner").Live.Bytes);
        Assert.Equal([("main", 1000L), ("other", 500L)], profile.Sites.Skip(1).Select(site => (site.Thread, site.Allocated.Bytes)));
        Assert.Equal("0x2000;System.Byte[]", Folded(profile.Sites[2].Frames));
    }

    [Fact]
    public void ARecordThatIsNotAllThereIsCutOff()
    {
        byte[] whole = Write(Recorded);
        for (int length = ProfileFormat.HeaderBytes; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Append();
            Profile profile = ProfileReader.Read(_path);
            Assert.DoesNotContain(profile.Remarks, remark => remark.Contains("not read", StringComparison.Ordinal));
            Assert.Contains(profile.Sites, site => site.IsGcHeap && site.Allocated.Bytes == 1000);
        }
    }

    [Fact]
    public void WhatWasCutIsTold()
    {
        byte[] whole = Write(Recorded);
        File.WriteAllBytes(_path, [.. whole, 5, 4, 1]);
        using (var appender = ProfileAppender.Open(_path)) Assert.Equal((3L, true), (appender.CutBytes, appender.WasDamaged));
        File.WriteAllBytes(_path, [.. whole, 0, 0, 0]);
        using (var appender = ProfileAppender.Open(_path)) Assert.Equal((3L, false), (appender.CutBytes, appender.WasDamaged));
        Assert.Equal(whole, File.ReadAllBytes(_path));
    }

    [Fact]
    public void AForeignFileStaysAsItIs()
    {
        File.WriteAllText(_path, "something else, longer than a header is");

        Assert.Throws<ProfileException>(() => ProfileAppender.Open(_path));

        Assert.Equal("something else, longer than a header is", File.ReadAllText(_path));
        Assert.Equal("/no/such: there is no such file", Assert.Throws<ProfileException>(() => ProfileAppender.Open("/no/such")).Message);
    }
}
