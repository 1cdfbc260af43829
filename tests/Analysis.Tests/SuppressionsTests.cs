using Xunit;

namespace Lampyris.Analysis.Tests;

public class SuppressionsTests
{
    [Theory]
    [InlineData("leak:parse", true)]
    [InlineData("leak:^parse", true)]
    [InlineData("leak:parse$", false)]
    [InlineData("leak:^parse_options$", true)]
    [InlineData("leak:par*ons", true)]
    [InlineData("leak:^p*s$", true)]
    [InlineData("leak:options.c", true)]
    [InlineData("leak:libconf.so", true)]
    [InlineData("leak:main", true)]
    [InlineData("leak:^ain", false)]
    [InlineData("leak:*nothing*", false)]
    [InlineData("  leak: parse_options  ", true)]
    public void APatternFitsFunctionFileOrLibraryOfAnyFrame(string line, bool fits)
    {
        Frame[] frames = [Sample.Native("main"), new("parse_options", "libconf.so.2", "src/options.c", 3, FrameKind.Native), Sample.Native("grow")];
        Assert.Equal(fits, Suppressions.Parse([line], "f").Find(frames) is not null);
    }

    [Fact]
    public void BadLinesAreToldWithTheirNumbers()
    {
        var problem = Assert.Throws<ProfileException>(() => Suppressions.Parse(["# fine", "leak:a", "race:b", "leak:", "leak:**", "x", "y"], "known.txt"));
        Assert.Equal("known.txt: line 3: 'race:b' does not begin with leak:; line 4: the pattern after leak: would fit everything; "
            + "line 5: the pattern after leak: would fit everything; 2 more lines are wrong", problem.Message);
    }
}
