using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Lampyris.Preload.Tests;

/// <summary>One case of a test program, as its source states it (see programs/support/case.h).</summary>
public sealed record ProgramCase(string Program, string Name, string Sentence, bool OnlyLampyris, int Seconds);

/// <summary>Gives a theory every case of one test program; the case's sentence becomes the test's name.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed partial class CasesOfAttribute(string program) : DataAttribute
{
    public string Program => program;

    public static IEnumerable<ProgramCase> Read(string program)
    {
        string source = File.ReadAllText(Directory.GetFiles(Paths.Sources, program + ".c*").Single());
        foreach (Match one in CasePattern().Matches(source))
        {
            string rest = one.Groups["rest"].Value;
            Match seconds = SecondsPattern().Match(rest);
            yield return new(program, one.Groups["name"].Value, SplitStrings().Replace(one.Groups["sentence"].Value, ""),
                rest.Contains("ONLY_LAMPYRIS", StringComparison.Ordinal),
                seconds.Success ? int.Parse(seconds.Groups[1].Value, CultureInfo.InvariantCulture) : 30);
        }
    }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Read(program).Select(one => new TheoryDataRow<string>(one.Name)
        {
            TestDisplayName = $"{program}: {one.Sentence}",
            Skip = one.OnlyLampyris && Preload.IsGlibc ? "glibc does not promise this" : null,
        })]);

    public override bool SupportsDiscoveryEnumeration() => true;

    [GeneratedRegex("""^CASE\((?<name>\w+),\s*"(?<sentence>[^"]*(?:"\s*"[^"]*)*)"(?<rest>[^{]*)\)\s*\{""", RegexOptions.Multiline)]
    private static partial Regex CasePattern();

    [GeneratedRegex("""SECONDS\((\d+)\)""")]
    private static partial Regex SecondsPattern();

    [GeneratedRegex("""
        "\s*"
        """)]
    private static partial Regex SplitStrings();
}
