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
/// <param name="Ends">What its output ends with.</param>
/// <param name="OnStderr">What must stand on stderr; null: nothing at all.</param>
public sealed record ProgramCase(string Program, string Name, string Sentence, bool OnlyLampyris, TimeSpan Limit, string Ends, string? OnStderr);

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
            string name = one.Groups["name"].Value, rest = one.Groups["rest"].Value;
            yield return new(program, name, SplitStrings().Replace(one.Groups["sentence"].Value, ""),
                rest.Contains("ONLY_LAMPYRIS", StringComparison.Ordinal),
                TimeSpan.FromSeconds(int.Parse(Argument(rest, "SECONDS") ?? "60", CultureInfo.InvariantCulture)),
                Argument(rest, "ENDS") ?? $"ok {name}\n", Argument(rest, "STDERR"));
        }
    }

    static string? Argument(string rest, string name)
    {
        Match found = Regex.Match(rest, name + """\((?:"([^"]*)"|(\d+))\)""");
        return found.Success ? (found.Groups[1].Value + found.Groups[2].Value).Replace("\\n", "\n", StringComparison.Ordinal) : null;
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

    [GeneratedRegex("""
        "\s*"
        """)]
    private static partial Regex SplitStrings();
}
