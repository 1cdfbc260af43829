using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Lampyris.Reporting;
using Xunit;

namespace Lampyris.Analysis.Tests;

public class FormatTests
{
    static string Folded(Metric metric, Profile? profile = null)
    {
        var text = new StringWriter();
        FoldedFormat.Write(profile ?? Sample.Read(Sample.Everything), metric, text);
        return text.ToString();
    }

    [Fact]
    public void FoldedStacksBeginOutsideAndEndWithTheirWeight()
    {
        Assert.Equal("main;System.Threading.Thread.Start();libwork.so.1+0x300 8192\nmain;fill;grow 1024\n", Folded(Metric.Live));
        Assert.Contains("main;System.Threading.Thread.Start();System.String 100000\n", Folded(Metric.Allocated), StringComparison.Ordinal);
        Assert.Contains("main;System.Threading.Thread.Start();System.String 1000\n", Folded(Metric.Count), StringComparison.Ordinal);
        Assert.Contains("main;fill;grow 4096\n", Folded(Metric.Peak), StringComparison.Ordinal);
    }

    [Fact]
    public void FoldedNamesKeepTheFormat() => Assert.Equal("a:b c;[unknown] 5\n", Folded(Metric.Live, Sample.Read(writer =>
    {
        writer.Allocation(Sample.Ms(1), writer.Stack(writer.Thread("t"), StackTraits.None, [1, 2]), Sample.Bytes(5));
        writer.Symbol(1, [Sample.Native("")]);
        writer.Symbol(2, [Sample.Native("a;b\nc")]);
    })));

    [Fact]
    public void JsonHoldsAllOfAProfileAndNoListIsNull()
    {
        foreach (Profile profile in new[] { Sample.Read(Sample.Everything), Sample.Read(_ => { }) })
        {
            var stream = new MemoryStream();
            JsonFormat.Write(profile, stream);
            JsonElement root = JsonDocument.Parse(stream.ToArray()).RootElement;

            foreach (string list in new[] { "command", "remarks", "timeline", "modules", "frames", "sites", "marks" })
                Assert.Equal(JsonValueKind.Array, root.GetProperty(list).ValueKind);
            Assert.Equal(profile.Sites.Count, root.GetProperty("sites").GetArrayLength());
            Assert.Equal(profile.Sites.Sum(site => site.Live.Bytes), root.GetProperty("total").GetProperty("liveBytes").GetInt64());
            Assert.Equal(profile.Sites.Select(site => site.Peak.Bytes), root.GetProperty("sites").EnumerateArray().Select(site => site.GetProperty("peakBytes").GetInt64()));
            Assert.Equal(profile.Marks.Count, root.GetProperty("marks").GetArrayLength());
            AssertUnits(root);
        }
    }

    static void AssertUnits(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement each in element.EnumerateArray()) AssertUnits(each);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty each in element.EnumerateObject())
            {
                if (each.Value.ValueKind == JsonValueKind.Number)
                    Assert.True(new[] { "Bytes", "Count", "Seconds", "Id", "Number", "Index" }.Any(unit => each.Name.EndsWith(unit, StringComparison.Ordinal)), each.Name);
                AssertUnits(each.Value);
            }
        }
    }
}
