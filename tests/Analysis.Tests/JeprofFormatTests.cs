using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Reporting;
using Xunit;

namespace Lampyris.Analysis.Tests;

// Goal: jeprof and google-pprof, which look names up in the files themselves, find the functions of a real program and do not
// scale the numbers. Method: a program compiled here, with addresses of its functions as `nm` tells them.
public class JeprofFormatTests
{
    const string Source = "int leak_here(int n) { return n * 3; }\nint call_it(int n) { return leak_here(n) + 1; }\nint main(void) { return call_it(-1) + 2; }\n";

    [Theory]
    [InlineData("/usr/bin/google-pprof", "--show_bytes --inuse_space", "4000000")]
    [InlineData("/usr/bin/google-pprof", "--show_bytes --alloc_space", "6000000")]
    [InlineData("/usr/bin/jeprof", "--show_bytes --inuse_space", "4000000")]
    [InlineData("/usr/bin/jeprof", "--inuse_objects", "40")]
    public void ToolsNameTheFunctionsAndKeepTheNumbers(string tool, string options, string expected)
    {
        using var folder = new Folder();
        string program = folder.File("program");
        File.WriteAllText(folder.File("program.c"), Source);
        Tool.Run(folder.Path, "gcc", "-O0", "-o", program, "program.c");
        ulong[] symbols = [.. new[] { "leak_here", "call_it", "main" }.Select(name => Address(Tool.Run(folder.Path, "nm", program), name))];
        const ulong Bias = 0x5555_5555_4000;
        Profile profile = Sample.Read(writer =>
        {
            writer.Process([program], program);
            writer.Module(Bias, Bias + 0x10000, Bias, program);
            int stack = writer.Stack(writer.Thread("main"), StackTraits.Complete, [.. symbols.Select(address => Bias + address + 8)]);
            writer.Allocation(Sample.Ms(1), stack, Sample.Bytes(6_000_000, 60));
            writer.Free(Sample.Ms(2), stack, Sample.Bytes(2_000_000, 20));
        }, hasSeries: false);
        using (var file = new StreamWriter(folder.File("heap"))) JeprofFormat.Write(profile, Metric.Live, file);

        string table = Tool.Run(folder.Path, tool, ["--text", .. options.Split(' '), program, "heap"]);

        string[] lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.StartsWith("Total: " + expected, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.TrimStart().StartsWith($"{expected} 100.0% 100.0%", StringComparison.Ordinal) && line.EndsWith("leak_here", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("call_it", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("main", StringComparison.Ordinal));
    }

    static ulong Address(string symbols, string name) =>
        ulong.Parse(symbols.Split('\n').Single(line => line.EndsWith($" T {name}", StringComparison.Ordinal)).Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
