using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Programs under ulimit.</summary>
public sealed class LimitTests : ProgramTests
{
    [Theory, CasesOf("limits")]
    public void Limit(string name) => RunCase("limits", name);
}
