using System;
using System.Linq;
using Xunit;
using static Lampyris.Analysis.Tests.Sample;

namespace Lampyris.Analysis.Tests;

public class CallTreeTests
{
    static Profile Managed() => Read(writer =>
    {
        int main = writer.Thread("main"), worker = writer.Thread("worker-1");
        writer.Allocation(Ms(1), writer.Stack(main, StackTraits.Complete, [5, 3, 2, 1]), Bytes(100));
        writer.Allocation(Ms(2), writer.Stack(main, StackTraits.Complete, [3, 2, 4, 1]), Bytes(30));
        writer.Allocation(Ms(3), writer.Stack(worker, StackTraits.Complete, [6, 6, 1]), Bytes(7));
        foreach ((ulong address, string name, FrameKind kind) in new (ulong, string, FrameKind)[]
        {
            (1ul, "Main", FrameKind.Managed), (2, "rt_a", FrameKind.Runtime), (3, "rt_b", FrameKind.Runtime), (4, "rt_c", FrameKind.Runtime),
            (5, "native_alloc", FrameKind.Native), (6, "Recurse", FrameKind.Managed),
        }) writer.Symbol(address, [new Frame(name, kind == FrameKind.Native ? "libn.so" : "app.dll", "", 0, kind)]);
    });

    [Fact]
    public void TheRuntimesFramesAreOneUnlessAskedFor()
    {
        CallTreeNode main = Assert.Single(CallTree.Build(Managed(), Metric.Live).Root.Children);
        Assert.Equal([("[.NET runtime]", 130L, 30L), ("Recurse", 7, 0)], main.Children.Select(node => (node.Frame!.Function, node.Total.Live.Bytes, node.Self.Live.Bytes)));
        Assert.Equal("native_alloc", Assert.Single(main.Children[0].Children).Frame!.Function);
        Assert.Equal(137, CallTree.Build(Managed(), Metric.Live).Root.Total.Live.Bytes);

        CallTreeNode whole = Assert.Single(CallTree.Build(Managed(), Metric.Live, new ProfileFilter(HasRuntimeFrames: true)).Root.Children);
        Assert.Equal(["rt_a", "rt_c", "Recurse"], whole.Children.Select(node => node.Frame!.Function));
    }

    [Theory]
    [InlineData("main", null, 130)]
    [InlineData("worker*", null, 7)]
    [InlineData("worker", null, 0)]
    [InlineData(null, "libn.so", 100)]
    [InlineData(null, "lib*", 100)]
    [InlineData("worker*", "lib*", 0)]
    public void FiltersKeepSitesByThreadAndLibrary(string? thread, string? library, long bytes) =>
        Assert.Equal(bytes, CallTree.Build(Managed(), Metric.Live, new ProfileFilter(thread, library)).Root.Total.Live.Bytes);

    [Fact]
    public void AFunctionThatIsTwiceOnAStackCountsOnce()
    {
        var top = TopFunctions.Of(Managed().Sites);

        FunctionUse recursive = top.Functions.Values.Single(use => use.Name.Function == "Recurse");
        Assert.Equal((7L, 7L), (recursive.Self.Live.Bytes, recursive.Total.Live.Bytes));
        Assert.Equal(7, recursive.Callers[recursive.Name].Live.Bytes);
        Assert.Equal(["native_alloc", "rt_b", "Recurse"], top.BySelf(Metric.Live).Select(use => use.Name.Function));
        Assert.Equal(["Main", "rt_a", "rt_b", "native_alloc", "rt_c", "Recurse"], top.ByTotal(Metric.Live).Select(use => use.Name.Function));
        Assert.Equal(["rt_a", "rt_c", "Recurse"], top.ByTotal(Metric.Live).First().Callees.OrderByDescending(pair => pair.Value.Live.Bytes).Select(pair => pair.Key.Function));
    }

    [Fact]
    public void ADifferenceTellsWhatGrewShrankAppearedAndVanished()
    {
        static Profile Of(ulong shift, params (string Name, long Bytes)[] sites) => Read(writer =>
        {
            int thread = writer.Thread("t" + shift);
            ulong address = shift;
            foreach ((string name, long bytes) in sites)
            {
                writer.Allocation(Ms(1), writer.Stack(thread, StackTraits.Complete, [++address]), Bytes(bytes));
                writer.Symbol(address, [Native(name, line: (int)shift)]);       // neither addresses nor lines matter
            }
        });
        var difference = ProfileDifference.Of(Of(0, ("same", 10), ("less", 50), ("more", 5), ("gone", 3)), Of(1000, ("new", 8), ("more", 500), ("less", 20), ("same", 10)));

        Assert.Equal(
            [("more", ChangeKind.Grew, 495.0), ("less", ChangeKind.Shrank, -30), ("new", ChangeKind.Appeared, 8), ("gone", ChangeKind.Vanished, -3)],
            difference.Changed(Metric.Live).Select(row => (row.Frames[0].Function, row.Kind(Metric.Live)!.Value, row.Change(Metric.Live))));
        Assert.Equal((68L, 538L), (difference.BeforeTotal.Live.Bytes, difference.AfterTotal.Live.Bytes));
    }
}
