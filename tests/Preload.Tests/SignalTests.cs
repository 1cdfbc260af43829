using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Signals that interrupt malloc, and what a malloc must leave alone.</summary>
public sealed class SignalTests : ProgramTests
{
    [Theory, CasesOf("signals")]
    public void Signal(string name) => RunCase("signals", name);
}
