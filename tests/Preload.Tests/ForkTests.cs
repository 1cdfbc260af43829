using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>fork from programs with many threads.</summary>
public sealed class ForkTests : ProgramTests
{
    [Theory, CasesOf("forks")]
    public void Fork(string name) => RunCase("forks", name);
}
