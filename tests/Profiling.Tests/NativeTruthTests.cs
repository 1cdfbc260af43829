using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

// Goal: every site of a native program has its full chain of callers and its bytes. Method: programs that say what they
// allocate where (apps/native), compiled in several ways, taken whole and sampled.
public sealed class NativeTruthTests
{
    [Theory]
    [InlineData("unoptimized", 1, "-O0")]
    [InlineData("framed", 1, "-O2", "-fno-omit-frame-pointer")]
    [InlineData("frameless", 1, "-O3", "-fomit-frame-pointer")]
    [InlineData("frameless", 20_000, "-O3", "-fomit-frame-pointer")]
    public void CHasItsChainsThroughSignalsCallbacksAndALibraryWithoutSymbols(string kind, long interval, params string[] options)
    {
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Apps.Native("chains.c", "chains-" + kind, options), Apps.Silent], interval);
        Truth.Check(profile, result.Output);
    }

    [Theory]
    [InlineData("unoptimized", 1, "-O0")]
    [InlineData("optimized", 1, "-O2")]
    [InlineData("optimized", 20_000, "-O2")]
    public void CxxHasItsChainsThroughTemplatesExceptionsAndDestructors(string kind, long interval, params string[] options)
    {
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Apps.Native("exceptions.cpp", "exceptions-" + kind, ["-std=c++17", .. options])], interval);
        Truth.Check(profile, result.Output);
    }

    [Fact]
    public void RustHasItsChains()
    {
        Assert.SkipWhen(Commands.Find("rustc") is null, "no rustc here");
        using var lampyris = new CommandLine();
        (CommandResult result, Profile profile) = lampyris.Profile([Apps.Native("sites.rs", "sites-rust", "-O")], 1);
        Truth.Check(profile, result.Output);
    }
}
