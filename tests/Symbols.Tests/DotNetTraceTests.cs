using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

// A real .NET program tells the return addresses that it has on its stacks; they must get the names and the lines of the
// methods that are known to be there.
public sealed class DotNetTraceTests(ITestOutputHelper output)
{
    static readonly (string What, string Method)[] s_expected =
    [
        ("tier0", "Plain.Tier0(int)"),
        ("tier1", "Plain.Tier1(int, bool)"),
        ("osr", "Plain.Replaced(int)"),
        ("generic Int32", "Generic<int>.Add(int)"),
        ("generic String", "Generic<_>.Add(_)"),
        ("nested", "Outer<int>.Inner.Method(int, T)"),
        ("lambda", "Program.Lambda lambda"),
        ("closure", "Program.Lambda lambda"),
        ("async", "Program.LoadAsync(int)"),
        ("iterator", "Program.Numbers(int)"),
        ("precompiled", "Program.Precompiled lambda"),
        ("constructor", "new Plain(int, string)"),
        ("property", "Plain.Size.get"),
        ("local", "Program.Local.Parse(int)"),
    ];

    [Fact]
    public void EveryKindOfMethodIsNamedWithItsLine()
    {
        using var folder = new TemporaryFolder();
        using Shapes shapes = Shapes.Start(folder, "", DotNetNames.LauncherEnvironment(folder.Path, managedAllocations: false));
        shapes.Finish();
        DotNetTrace trace = DotNetTrace.Read(DotNetNames.TraceFile(folder.Path, shapes.ProcessId))!;
        Assert.False(trace.IsTruncated);
        Check(shapes, trace, lines: true);
        string[] tiers = [.. trace.Methods.Where(method => method.Type == "Shapes.Plain").Select(method => method.Tier).Distinct()];
        Assert.Contains("QuickJitted", tiers);
        Assert.Contains("OptimizedTier1", tiers);
        Assert.Contains("OptimizedTier1OSR", tiers);
    }

    // A killed process leaves a file without an end, and without the list of methods that the runtime writes there.
    [Fact]
    public void AKilledProcessHasItsNamesToo()
    {
        using var folder = new TemporaryFolder();
        using Shapes shapes = Shapes.Start(folder, "wait", DotNetNames.LauncherEnvironment(folder.Path, managedAllocations: false));
        System.Threading.Thread.Sleep(2500); // the runtime writes its buffers down now and then
        shapes.Kill();
        DotNetTrace trace = DotNetTrace.Read(DotNetNames.TraceFile(folder.Path, shapes.ProcessId))!;
        Assert.True(trace.IsTruncated);
        Check(shapes, trace, lines: true);
    }

    static byte[] BytesOfATrace()
    {
        using var folder = new TemporaryFolder();
        using Shapes shapes = Shapes.Start(folder, "", DotNetNames.LauncherEnvironment(folder.Path, managedAllocations: false));
        shapes.Finish();
        return File.ReadAllBytes(DotNetNames.TraceFile(folder.Path, shapes.ProcessId));
    }

    // Wherever a file is cut off and whatever byte of it is wrong, what was read so far counts.
    [Fact]
    public void ADamagedTraceIsReadAsFarAsItGoes()
    {
        byte[] whole = BytesOfATrace();
        int all = DotNetTrace.Read(new MemoryStream(whole))!.MethodCount, half = 0;
        var random = new Random(5);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = whole[..(i % 2 == 0 ? random.Next(whole.Length) : whole.Length)];
            if (i % 2 == 1) damaged[random.Next(damaged.Length)] ^= 0x55;
            int found = DotNetTrace.Read(new MemoryStream(damaged))?.MethodCount ?? 0;
            Assert.InRange(found, 0, all + 10);
            if (damaged.Length > whole.Length / 2 && i % 2 == 0 && found > all / 4) half++;
        }
        Assert.True(half > 5);
        Assert.Null(DotNetTrace.Read(new MemoryStream("not a trace"u8.ToArray())));
    }

    [Fact]
    public void ATraceWhoseDamageAsksForTooMuchMemoryIsReadAsFarAsItGoes()
    {
        byte[] whole = BytesOfATrace();
        DotNetTrace all = DotNetTrace.Read(new MemoryStream(whole))!;
        DotNetTrace damaged = DotNetTrace.Read(new StreamOutOfMemory(whole))!;
        Assert.False(all.IsTruncated);
        Assert.True(damaged.IsTruncated);
        Assert.InRange(damaged.MethodCount, all.MethodCount / 4, all.MethodCount - 1);
    }

    // Whoever reads it beyond three quarters gets what a reader gets that believes a damaged count.
    sealed class StreamOutOfMemory(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            Position < Length * 3 / 4 ? base.Read(buffer, offset, count) : throw new InsufficientMemoryException();
    }

    [Fact]
    public void ARunningProcessIsAskedForItsNames()
    {
        using var folder = new TemporaryFolder();
        using Shapes shapes = Shapes.Start(folder, "wait", new Dictionary<string, string>());
        var clock = Stopwatch.StartNew();
        DotNetTrace trace = DotNetTrace.Rundown(shapes.ProcessId)!;
        output.WriteLine($"{trace.MethodCount} methods in {clock.ElapsedMilliseconds} ms");
        Check(shapes, trace, lines: true);
        shapes.Finish();
    }

    // The program allocates arrays of 20 references, 184 bytes each, at least 300,000 of them: the estimate must come near.
    [Fact]
    public void SampledAllocationsHaveTypeStackAndUnbiasedWeight()
    {
        using var folder = new TemporaryFolder();
        using Shapes shapes = Shapes.Start(folder, "allocate", DotNetNames.LauncherEnvironment(folder.Path, managedAllocations: true));
        shapes.Finish();
        string file = DotNetNames.TraceFile(folder.Path, shapes.ProcessId);
        var clock = Stopwatch.StartNew();
        var table = new SymbolTable([], DotNetTrace.Read(file));
        ManagedAllocation[] arrays = [.. ManagedAllocations.Read(file).Where(sample => sample.Type == "Dictionary<string, List<int>>[]")];
        output.WriteLine($"{arrays.Length} samples of {new FileInfo(file).Length} bytes in {clock.ElapsedMilliseconds} ms");
        Assert.All(arrays, sample => Assert.Contains(sample.Stack, address => table.Resolve(address)[0].Function == "Program.Allocate()"));
        double count = arrays.Sum(sample => sample.Weight.Count);
        long rounds = shapes.Rounds;
        Assert.True(Math.Abs(count - rounds) < 0.25 * rounds, $"{count} estimated, {rounds} allocated");
        Assert.Equal(184 * count, arrays.Sum(sample => (double)sample.Weight.Bytes), count);
    }

    [Theory]
    [InlineData(1, 102_400.0)]
    [InlineData(102_400, 1.582)]
    [InlineData(10_000_000, 1.0)]
    public void AnAllocationStandsForTheInverseOfItsChance(long bytes, double count) =>
        Assert.Equal(count, ManagedAllocations.WeightOf(bytes).Count, 0.001);

    [Fact]
    public void AProcessWithoutTheRuntimeHasNoNames() => Assert.Null(DotNetTrace.Rundown(1));

    static void Check(Shapes shapes, DotNetTrace trace, bool lines)
    {
        var table = new SymbolTable([], trace);
        foreach ((string what, string method) in s_expected)
        {
            (int line, ulong[] stack) = shapes.Stacks[what];
            Frame[] frames = [.. stack.SelectMany(table.Resolve)];
            Frame? found = frames.FirstOrDefault(frame => frame.Function == method);
            Assert.True(found != null, $"{what}: no {method} in\n" + string.Join('\n', frames.Select(frame => frame.ToString())));
            Assert.Equal(FrameKind.Managed, found.Kind);
            Assert.Equal("symbols-managed.dll", found.Library);
            if (!lines) continue;
            Assert.EndsWith("Shapes.cs", found.File);
            Assert.True(line == found.Line, $"{what}: line {found.Line} instead of {line}");
        }
        Frame[] sort = [.. shapes.Stacks["precompiled"].Stack.SelectMany(table.Resolve)];
        Assert.Contains(sort, frame => frame.Function.StartsWith("List<int>.Sort(", StringComparison.Ordinal));
    }
}

/// <summary>The program of Managed/, and what it said of its stacks.</summary>
internal sealed class Shapes : IDisposable
{
    readonly Process _process;

    Shapes(Process process) => _process = process;

    public int ProcessId => _process.Id;

    /// <summary>For each kind of method: the line of the call, and the return addresses from there up.</summary>
    public Dictionary<string, (int Line, ulong[] Stack)> Stacks { get; } = [];

    /// <summary>How many arrays it allocated.</summary>
    public long Rounds { get; private set; }

    /// <summary>Runs it until all of its stacks are printed.</summary>
    public static Shapes Start(TemporaryFolder folder, string mode, IReadOnlyDictionary<string, string> environment)
    {
        string library = folder.File("libwhere.so");
        Programs.Run("gcc", ["-shared", "-fPIC", "-O1", "-fno-omit-frame-pointer", "-o", library, Path.Combine(Programs.Output, "Native", "where.c")]);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Programs.Output, "symbols-managed.dll"), library, mode])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        var shapes = new Shapes(Process.Start(start)!);
        while (shapes._process.StandardOutput.ReadLine() is { } line && line != "done")
        {
            string[] words = line.Split('\t');
            if (words[0] == "allocated")
            {
                shapes.Rounds = long.Parse(words[1], CultureInfo.InvariantCulture);
                continue;
            }
            ulong[] stack = [.. words[2..].Select(word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            shapes.Stacks[words[0]] = (int.Parse(words[1], CultureInfo.InvariantCulture), stack);
        }
        return shapes;
    }

    public void Finish()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, _process.ExitCode);
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
