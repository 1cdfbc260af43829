using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Nothing that stands in the folder of programs is forgotten.</summary>
public sealed class EveryProgramTests
{
    [Fact]
    public void EveryTestProgramIsRunByATestClass()
    {
        string[] programs = [.. Directory.GetFiles(Paths.Sources, "*.c*").Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.StartsWith("lib_", StringComparison.Ordinal) && !name.StartsWith("tool_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] run = [.. typeof(EveryProgramTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Select(method => method.GetCustomAttribute<CasesOfAttribute>()?.Program).OfType<string>().Order(StringComparer.Ordinal)];
        Assert.Equal(programs, run);
    }

    [Fact]
    public void EveryCaseInASourceIsFoundByItsPattern()
    {
        foreach (string source in Directory.GetFiles(Paths.Sources, "*.c*"))
        {
            int written = File.ReadLines(source).Count(line => line.StartsWith("CASE(", StringComparison.Ordinal));
            Assert.Equal(written, CasesOfAttribute.Read(Path.GetFileNameWithoutExtension(source)).Count());
        }
    }
}
