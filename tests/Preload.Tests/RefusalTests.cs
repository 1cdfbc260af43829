using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Memory refused by the system at any point.</summary>
public sealed class RefusalTests : ProgramTests
{
    [Theory, CasesOf("refusals")]
    public void Refusal(string name) => RunCase("refusals", name);
}
