// The one way in which a program is judged: the same scenario runs on the system's malloc and on the allocator under
// test, and what it returns (output, digests of files) must be equal to the letter.
using System;

namespace Lampyris.Programs.Tests;

internal static class Compare
{
    /// <summary>Seconds for one run of a scenario; all take a fraction of it on two idle cores.</summary>
    const int ScenarioSeconds = 180;

    public static void WithAndWithout(Func<Scene, string> scenario)
    {
        string expected = Play(scenario, onAllocator: false);
        Assert.False(string.IsNullOrWhiteSpace(expected), "the scenario returned nothing to compare");
        string actual = Play(scenario, onAllocator: true);
        if (expected != actual)
            Assert.Fail(FirstDifference(expected, actual));
    }

    static string Play(Func<Scene, string> scenario, bool onAllocator)
    {
        using Scene scene = new(onAllocator, ScenarioSeconds);
        // A program may print where it stands; that is the one difference that there should be.
        return scenario(scene).Replace(scene.Directory, "DIRECTORY", StringComparison.Ordinal);
    }

    static string FirstDifference(string expected, string actual)
    {
        string[] expectedLines = expected.Split('\n'), actualLines = actual.Split('\n');
        int line = 0;
        while (line < expectedLines.Length && line < actualLines.Length && expectedLines[line] == actualLines[line])
            line++;
        string without = line < expectedLines.Length ? expectedLines[line] : "(end)";
        string with = line < actualLines.Length ? actualLines[line] : "(end)";
        return $"the outputs differ from line {line + 1} on\n  without: {without}\n  with:    {with}";
    }
}
