// Start and end of many small programs: what `--version` and `--help` print, from every program of some packages. It shows
// the early calls before `main`, the locale and the way out of each; a program picked at random should be among these.
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Lampyris.Programs.Tests;

public class SmallToolTests
{
    [Theory]
    [InlineData("coreutils", 90)]
    [InlineData("binutils-x86-64-linux-gnu", 12)]
    [InlineData("diffutils", 4)]
    [InlineData("findutils", 2)]
    [InlineData("procps", 10)]
    [InlineData("grep", 1)]
    [InlineData("sed", 1)]
    [InlineData("tar", 1)]
    [InlineData("gzip", 1)]
    [InlineData("xz-utils", 3)]
    [InlineData("cpp-12", 1)]
    [InlineData("perl-base", 1)]
    public void EveryProgramOfAPackageIntroducesItselfInTheSameWords(string package, int atLeast) => Compare.WithAndWithout(scene =>
    {
        string[] programs = [.. Programs(scene.Run("dpkg-query", "-L", package))];
        Assert.True(programs.Length >= atLeast, $"{package} has only {programs.Length} programs");
        StringBuilder text = new();
        foreach (string program in programs)
            foreach (string option in (string[])["--version", "--help"])
                // Some know no options and fail, in the same way; their exit code is in the text.
                text.Append(scene.Shell($"{program} {option} </dev/null 2>&1 && echo \"= 0\" || echo \"= $?\""));
        return text.ToString();
    });

    /// <summary>The package's own binaries; not scripts, and not `yes`, which would have much to say.</summary>
    static IEnumerable<string> Programs(string files) => files.Split('\n')
        .Where(path => path.StartsWith("/usr/bin/", System.StringComparison.Ordinal) || path.StartsWith("/bin/", System.StringComparison.Ordinal))
        .Where(path => File.Exists(path) && IsBinary(path) && Path.GetFileName(path) is not "yes")
        .Select(path => path.StartsWith("/bin/", System.StringComparison.Ordinal) ? "/usr" + path : path)
        .Distinct().Order();

    static bool IsBinary(string path)
    {
        using FileStream file = File.OpenRead(path);
        return file.ReadByte() == 0x7f;
    }
}
