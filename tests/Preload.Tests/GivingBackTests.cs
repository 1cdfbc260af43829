using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Memory goes back by default.</summary>
public sealed class GivingBackTests : ProgramTests
{
    [Theory, CasesOf("giving_back")]
    public void GivingBack(string name) => RunCase("giving_back", name);
}
