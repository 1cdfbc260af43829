using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Random work on every path, with every block's contents checked.</summary>
public sealed class StressTests : ProgramTests
{
    [Theory, CasesOf("stress")]
    public void Stress(string name) => RunCase("stress", name);
}
