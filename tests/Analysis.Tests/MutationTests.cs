using System;
using System.Diagnostics;
using System.IO;
using Lampyris.Reporting;
using Xunit;

namespace Lampyris.Analysis.Tests;

// Goal: no content of a file crashes the reader, keeps it busy or makes it take memory. Method: a million files that differ from good
// ones by a few bytes, in half of them with the checks put right again, so that the damage reaches the records' contents.
public class MutationTests
{
    const int Count = 1_000_000;
    const int Seed = 20260304;

    [Fact]
    public void AMillionDamagedFilesAreReadOrRefused()
    {
        byte[][] originals = [Sample.Write(Sample.Everything), Sample.Write(Dump), Sample.Write(Small)];
        var random = new Random(Seed);
        int read = 0, refused = 0;
        var clock = Stopwatch.StartNew();
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        double slowest = 0;
        for (int i = 0; i < Count; i++)
        {
            byte[] file = Mutate(originals[random.Next(originals.Length)], random);
            if (random.Next(2) == 0) Recheck(file);
            double start = clock.Elapsed.TotalSeconds;
            try
            {
                Profile profile = Sample.Read(file, hasSeries: i % 16 == 0);
                if (i % 64 == 0)
                {
                    CallTree.Build(profile, Metric.Live);
                    FoldedFormat.Write(profile, Metric.Allocated, TextWriter.Null);
                    JsonFormat.Write(profile, Stream.Null);
                }
                read++;
            }
            catch (ProfileException)
            {
                refused++;
            }
            slowest = Math.Max(slowest, clock.Elapsed.TotalSeconds - start);
        }
        double bytesEach = (double)(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{read} read, {refused} refused, {clock.Elapsed.TotalSeconds:0.0} s, slowest {slowest * 1000:0} ms, {bytesEach:0} bytes a file; seed {Seed}");
        Assert.Equal(Count, read + refused);
        Assert.True(read > Count / 2);
        Assert.True(slowest < 2, $"one file took {slowest} s");
        Assert.True(bytesEach < 64 * 1024, $"{bytesEach} bytes a file");
    }

    static void Dump(ProfileWriter writer)
    {
        writer.Process(["x"], "/x", parentId: 12);
        int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [0x1000, 0x2000, 0x1800]);
        writer.Timeline([new(Sample.Ms(1), 100, 10), new(Sample.Ms(2), 200, 20)]);
        writer.State(Sample.Ms(9), [new StackState(stack, new(1000, 10), new(100, 1), new(600, 6))]);
        writer.Mark(Sample.Ms(10), MarkReason.AskedFor, 0);
        writer.End(Sample.Ms(11), EndReason.Dump);
    }

    static void Small(ProfileWriter writer)
    {
        int stack = writer.Stack(writer.Thread("t"), StackTraits.Complete, [0x1000]);
        writer.Allocation(Sample.Ms(1), stack, new(64, 1));
        writer.Free(Sample.Ms(2), stack, new(64, 1));
    }

    static byte[] Mutate(byte[] original, Random random)
    {
        int length = random.Next(8) == 0 ? random.Next(original.Length + 1) : original.Length;
        byte[] file = original[..length];
        for (int n = random.Next(1, 5); n > 0 && length > 0; n--)
        {
            // Mostly behind the header: what is refused there tells little.
            int at = random.Next(16) == 0 || length <= ProfileFormat.HeaderBytes ? random.Next(length) : random.Next(ProfileFormat.HeaderBytes, length);
            switch (random.Next(4))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2: file[at] = 0xFF; break;
                default:
                    int count = Math.Min(random.Next(1, 12), length - at);
                    file.AsSpan(random.Next(length - count + 1), count).CopyTo(file.AsSpan(at));
                    break;
            }
        }
        return file;
    }

    /// <summary>Puts the checks of all records right, as far as their lengths can be followed.</summary>
    static void Recheck(byte[] file)
    {
        int at = ProfileFormat.HeaderBytes;
        while (at < file.Length && file[at] != 0)
        {
            var length = new PayloadReader(file.AsSpan(at + 1));
            ulong bytes = length.Varint();
            int payload = file.Length - length.RestBytes;
            if (length.IsDamaged || bytes >= (ulong)(file.Length - payload)) return;
            int check = payload + (int)bytes;
            file[check] = ProfileFormat.Check((RecordKind)file[at], file.AsSpan(payload, (int)bytes));
            at = check + 1;
        }
    }
}
