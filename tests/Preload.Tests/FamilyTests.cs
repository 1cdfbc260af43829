using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>The whole family of malloc functions is there, is ours, and does what its names say.</summary>
public sealed class FamilyTests : ProgramTests
{
    [Theory, CasesOf("family")]
    public void Family(string name) => RunCase("family", name);
}
