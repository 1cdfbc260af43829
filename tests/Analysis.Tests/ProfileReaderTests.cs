using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CsCheck;
using Xunit;
using static Lampyris.Analysis.Tests.Sample;

namespace Lampyris.Analysis.Tests;

public class ProfileReaderTests
{
    [Fact]
    public void WhatWasWrittenIsRead()
    {
        Profile profile = Read(Everything);

        Assert.Equal(["/usr/bin/app", "--size", "two words"], profile.Command);
        Assert.Equal("/usr/bin/app", profile.Executable);
        Assert.Equal(4711, profile.ProcessId);
        Assert.Equal(Started, profile.Started);
        Assert.Equal(Ms(10), profile.Duration);
        Assert.Equal(4096, profile.IntervalBytes);
        Assert.Equal(4, profile.SampleCount);
        Assert.Equal(3, profile.LostCount);
        Assert.Equal(["3 samples could not be recorded."], profile.Remarks);
        Assert.Equal(2, profile.Modules.Count);
        Assert.Equal("abcdef", profile.Modules[0].BuildId);
        Assert.Equal([(Ms(1), 1L << 20, 0L), (Ms(4), 2L << 20, 12288), (Ms(8), 3L << 20, 9216)], profile.Timeline.Select(point => (point.Time, point.RssBytes, point.LiveBytes)));

        Assert.Equal(3, profile.Sites.Count);
        Site first = profile.At("main;fill;grow");
        Assert.Equal((Bytes(1024), Bytes(4096, 2.5), Bytes(5120, 3.5)), (first.Live, first.Peak, first.Allocated));
        Assert.Equal(("main", true, false), (first.Thread, first.IsComplete, first.IsGcHeap));
        Assert.Equal([ProgramStart + 0x1000, ProgramStart + 0x2000], first.Addresses);
        Assert.Equal(Native("grow", file: "grow.c", line: 12), first.Frames[^1]);

        Site second = profile.At("main;System.Threading.Thread.Start();libwork.so.1+0x300");
        Assert.Equal((Bytes(8192, 8), Bytes(8192, 8)), (second.Live, second.Peak));
        Assert.Equal(("worker", false), (second.Thread, second.IsComplete));
        Assert.Equal(new Frame("libwork.so.1+0x300", "libwork.so.1", "", 0, FrameKind.Unknown), second.Frames[^1]);

        Site objects = profile.At("main;System.Threading.Thread.Start();System.String");
        Assert.Equal((Bytes(0, 0), Bytes(0, 0), Bytes(100_000, 1000)), (objects.Live, objects.Peak, objects.Allocated));
        Assert.Equal(FrameKind.ObjectType, objects.Frames[^1].Kind);
        Assert.True(objects.IsGcHeap);

        Assert.Equal(Ms(3), profile.PeakTime);
        ProfileMark mark = Assert.Single(profile.Marks);
        Assert.Equal((Ms(5), MarkReason.LimitReached, 1L << 30), (mark.Time, mark.Reason, mark.Value));
        Assert.Equal(2, mark.Live.Count);
        Assert.Equal(Bytes(4096, 2.5), mark.Live[first]);
    }

    // Goal: the lazily kept peak is the one that adding up every stack after every event finds.
    [Fact]
    public void ThePeakIsThatOfANaiveReplay()
    {
        Gen<(int Stack, bool IsFree, int Bytes)> step = Gen.Select(Gen.Int[0, 5], Gen.Bool, Gen.Int[1, 1000]);
        Gen.Select(step.Array[0, 200], Gen.Int[0, 100]).Sample((steps, stateAt) =>
        {
            var live = new List<int>[6];
            long[] allocated = new long[6], peak = new long[6];
            long highest = 0, peakTime = 0;
            for (int i = 0; i < live.Length; i++) live[i] = [];
            byte[] file = Write(writer =>
            {
                int thread = writer.Thread("t");
                for (int i = 0; i < live.Length; i++) writer.Stack(thread, StackTraits.Complete, [(ulong)i + 1]);
                int time = 0;
                foreach ((int stack, bool isFree, int bytes) in steps)
                {
                    time++;
                    if (time == stateAt)        // a State in between says what is known already
                        writer.State(Ms(time), [.. Enumerable.Range(0, 6).Select(i => new StackState(i, Bytes(allocated[i]), Bytes(live[i].Sum()), Bytes(peak[i])))]);
                    if (isFree && live[stack].Count > 0)
                    {
                        writer.Free(Ms(time), stack, Bytes(live[stack][0]));
                        live[stack].RemoveAt(0);
                    }
                    else
                    {
                        writer.Allocation(Ms(time), stack, Bytes(bytes));
                        live[stack].Add(bytes);
                        allocated[stack] += bytes;
                    }
                    long sum = live.Sum(each => each.Sum());
                    if (sum <= highest) continue;
                    highest = sum;
                    peakTime = time;
                    for (int i = 0; i < live.Length; i++) peak[i] = live[i].Sum();
                }
            });

            Profile profile = Read(file);

            for (int i = 0; i < live.Length; i++)
            {
                Site? site = profile.Sites.SingleOrDefault(each => each.Addresses[0] == (ulong)i + 1);
                Assert.Equal((live[i].Sum(), peak[i], allocated[i]), (site?.Live.Bytes ?? 0, site?.Peak.Bytes ?? 0, site?.Allocated.Bytes ?? 0));
            }
            if (steps.Length > 0 && (stateAt == 0 || stateAt > steps.Length)) Assert.Equal(Ms(peakTime), profile.PeakTime);
        }, iter: 2000);
    }

    [Fact]
    public void AStateReplacesWhatWasCountedAndTheTimelineKnowsWhenThePeakWas()
    {
        Profile profile = Read(writer =>
        {
            int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [1]);
            writer.Allocation(Ms(1), stack, Bytes(999));
            writer.State(Ms(50), [new StackState(stack, Bytes(1000, 10), Bytes(100, 1), Bytes(600, 6))]);
            writer.Timeline([new(Ms(10), 5000, 300), new(Ms(20), 9000, 600), new(Ms(30), 7000, 100)]);
            writer.Free(Ms(60), stack, Bytes(50, 0.5));
            writer.End(Ms(61), EndReason.Dump);
        });

        Site site = Assert.Single(profile.Sites);
        Assert.Equal((Bytes(1000, 10), Bytes(50, 0.5), Bytes(600, 6)), (site.Allocated, site.Live, site.Peak));
        Assert.Equal(Ms(20), profile.PeakTime);
        Assert.Empty(profile.Remarks);
    }

    [Fact]
    public void StacksOfEquallyNamedThreadsAreOneSite()
    {
        Profile profile = Read(writer =>
        {
            foreach (string name in new[] { "worker", "worker", "other" })
            {
                int stack = writer.Stack(writer.Thread(name), StackTraits.Complete, [7, 8]);
                writer.Allocation(Ms(1), stack, Bytes(100));
            }
        });

        Assert.Equal([("worker", 200L), ("other", 100L)], profile.Sites.Select(site => (site.Thread, site.Live.Bytes)));
    }

    [Fact]
    public void TheLatestModuleAtAnAddressNamesIt()
    {
        Profile profile = Read(writer =>
        {
            writer.Module(0x1000, 0x9000, 0, "/opt/program");
            writer.Module(0x10000, 0x20000, 0x10000, "/lib/old.so");
            writer.Module(0x14000, 0x18000, 0x13000, "/lib/new.so");
            int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [0x13fff, 0x14000, 0x17fff, 0x18000, 0x20000, 0x1234, 0x9000]);
            writer.Allocation(Ms(1), stack, Bytes(1));
            writer.Symbol(0x18000, [Native("first")]);
            writer.Symbol(0x18000, [Native("second")]);
        });

        Assert.Equal("0x9000;program+0x1234;0x20000;first;new.so+0x4fff;new.so+0x1000;old.so+0x3fff", Folded(profile.Sites[0].Frames));
    }

    [Fact]
    public void UnknownKindsAreSkippedAndNumbersMayHaveGaps()
    {
        Profile profile = Read(writer =>
        {
            writer.Raw(99, [1, 2, 3]);
            writer.Raw((byte)RecordKind.Thread, [5, 1, (byte)'x']);
            writer.Raw((byte)RecordKind.Stack, [3, 5, 1, 1, 42]);
            writer.Raw((byte)RecordKind.Stack, [90, 5, 1, 1, 43]);
            writer.Raw((byte)RecordKind.Allocation, [1, 90, 100, 100]);
            writer.Raw((byte)RecordKind.Allocation, [1, 3, 50, 100, 77]);       // a later version may say more
            writer.Raw((byte)RecordKind.Allocation, [1, 4, 50, 100]);
        });

        Assert.Equal([(42ul, 50L, "x"), (43ul, 100L, "x")], profile.Sites.Select(site => (site.Addresses[0], site.Live.Bytes, site.Thread)));
        Assert.Contains(profile.Remarks, remark => remark.StartsWith("1 records speak of stacks", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryBeginningOfAFileIsReadAsFarAsItGoes()
    {
        byte[] whole = Write(Everything);
        long allocatedBefore = 0;
        for (int length = 0; length <= whole.Length; length++)
        {
            byte[] part = whole[..length];
            if (length < ProfileFormat.HeaderBytes)
            {
                Assert.Contains("test.lmpy: is ", Assert.Throws<ProfileException>(() => Read(part)).Message, StringComparison.Ordinal);
                continue;
            }
            Profile profile = Read(part);
            long allocated = profile.Sites.Sum(site => site.Allocated.Bytes);
            Assert.True(allocated >= allocatedBefore, $"{length} bytes tell less than {length - 1}");
            allocatedBefore = allocated;
            bool isCut = profile.Remarks.Any(remark => remark.Contains("cut off", StringComparison.Ordinal));
            Assert.Equal(!IsWhole(part), isCut);
            if (length < whole.Length - 200) Assert.Contains(profile.Remarks, remark => remark.Contains("did not come to an end", StringComparison.Ordinal));
        }
        Assert.Equal(113_312, allocatedBefore);
    }

    static bool IsWhole(byte[] file)
    {
        var records = new RecordReader(new MemoryStream(file));
        _ = records.Header();
        while (records.Next(out _, out _))
        {
        }
        return records.End == RecordsEnd.File;
    }

    [Fact]
    public void ZerosEndAFileAndWhatComesBehindThemIsTold()
    {
        byte[] whole = Write(Everything);

        Assert.Equal(Read(whole).Remarks, Read([.. whole, .. new byte[100_000]]).Remarks);
        Assert.Contains(Read([.. whole, .. new byte[100], 5, 4]).Remarks, remark => remark == $"The file has a hole at byte {whole.Length}: 102 of {whole.Length + 102} bytes were not read.");
    }

    [Fact]
    public void ADamagedByteEndsWhatCanBeRead()
    {
        byte[] whole = Write(Everything);
        for (int i = ProfileFormat.HeaderBytes; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x10;
            Profile profile = Read(damaged);
            Assert.True(profile.Sites.Count <= 3);
            Assert.Contains(profile.Remarks, remark => remark.Contains("bytes were not read", StringComparison.Ordinal) || remark.Contains("did not come", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void WhatIsNoProfileIsRefusedInOneLine()
    {
        byte[] other = Write(Everything);
        other[8] = 2;

        Assert.Equal("test.lmpy: is empty", Refusal([]));
        Assert.Equal("test.lmpy: holds zeros only; recording had not begun", Refusal(new byte[5000]));
        Assert.Equal("test.lmpy: is no profile of Lampyris", Refusal("\u007fELF and more than that, up to 32"u8.ToArray()));
        Assert.Equal("test.lmpy: is no profile of Lampyris", Refusal("#!"u8.ToArray()));
        Assert.Equal("test.lmpy: is cut off within its first 32 bytes", Refusal(other[..20]));
        Assert.Equal("test.lmpy: is a profile of version 2; this program reads version 1", Refusal(other));
        Assert.Equal("/no/such/file: there is no such file", Assert.Throws<ProfileException>(() => ProfileReader.Read("/no/such/file")).Message);
        Assert.Equal("/tmp: is a directory", Assert.Throws<ProfileException>(() => ProfileReader.Read("/tmp")).Message);
    }

    static string Refusal(byte[] file) => Assert.Throws<ProfileException>(() => Read(file)).Message;

    // Goal: counts and lengths that are lies cost neither memory nor time.
    [Fact]
    public void EnormousCountsAreDamage()
    {
        byte[] huge = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        long before = GC.GetAllocatedBytesForCurrentThread();         // other tests run beside this one
        foreach (byte[] payload in new byte[][] { [0, 0, 1, .. huge], [0, .. huge], [.. huge], [0, 0, 0, .. huge, 0], [0, 0, 0, 0, .. huge] })
        {
            foreach (RecordKind kind in Enum.GetValues<RecordKind>())
            {
                if (kind == RecordKind.None) continue;
                Assert.Empty(Read(writer => writer.Raw((byte)kind, payload)).Sites);
            }
        }
        byte[] longRecord = [.. Write(_ => { }), 5, 0xFF, 0xFF, 0xFF, 0x1F, 1, 2, 3];          // 64 MiB, almost
        Assert.Contains("cut off", Read(longRecord).Remarks[0], StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10 << 20);
    }

    [Fact]
    public void WeightsAddUpWithoutOverflow()
    {
        Profile profile = Read(writer =>
        {
            int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [1]);
            for (int i = 0; i < 100; i++) writer.Allocation(Ms(i), stack, Bytes(long.MaxValue, 1e12));
        });

        Assert.Equal(PayloadReader.MaxNumber, profile.Sites[0].Live.Bytes);
        Assert.Equal(PayloadReader.MaxNumber, profile.Sites[0].Peak.Bytes);
    }

    [Fact]
    public void ADeepStackIsCutAndSaysSo()
    {
        Profile profile = Read(writer =>
        {
            int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [.. Enumerable.Range(0, 100_000).Select(i => (ulong)i + 1)]);
            writer.Allocation(Ms(1), stack, Bytes(1));
        });

        Site site = Assert.Single(profile.Sites);
        Assert.Equal((ProfileReader.MaxDepth, false, "0x1"), (site.Frames.Count, site.IsComplete, site.Frames[^1].Function));
    }

    [Fact]
    public void ALongTimelineIsThinnedAndKeepsItsPeak()
    {
        Profile profile = Read(writer =>
        {
            for (int i = 0; i < 100_000; i++) writer.Memory(Ms(i), 1000, i == 54_321 ? 5000 : i % 10);
        });

        Assert.InRange(profile.Timeline.Count, 1000, TimelineThinner.MaxCount);
        Assert.Equal(5000, profile.Timeline.Max(point => point.LiveBytes));
        Assert.Equal(profile.Timeline.OrderBy(point => point.Time), profile.Timeline);
    }

    [Fact]
    public void TheSeriesOfASiteFollowsItsLiveBytes()
    {
        Profile profile = Read(writer =>
        {
            int thread = writer.Thread("t");
            int growing = writer.Stack(thread, StackTraits.Complete, [1]), flat = writer.Stack(thread, StackTraits.Complete, [2]);
            writer.Allocation(Ms(0), flat, Bytes(500));
            for (int i = 1; i <= 10_000; i++) writer.Allocation(Ms(i), growing, Bytes(10));
        }, hasSeries: true);

        Assert.InRange(profile.SeriesTimes.Count, 32, 65);
        Site site = profile.At("0x1");
        for (int i = 0; i < profile.SeriesTimes.Count; i++) Assert.InRange(site.LiveSeries[i], profile.SeriesTimes[i].TotalMilliseconds * 10 - 10, profile.SeriesTimes[i].TotalMilliseconds * 10);
        Assert.Equal(100_000, site.LiveSeries[^1]);
        Assert.Equal(500, profile.At("0x2").LiveSeries[^1]);
        Assert.Empty(Read(Everything).SeriesTimes);
    }

    [Fact]
    public void ReadingTellsItsProgress()
    {
        byte[] file = Write(Everything);
        long seen = 0;
        ProfileReader.Read(new MemoryStream(file), "x", new ReadOptions(Progress: bytes => seen = bytes));
        Assert.Equal(file.Length, seen);
    }
}
