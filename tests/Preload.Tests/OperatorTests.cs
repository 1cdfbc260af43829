using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Every C++ operator new and delete, with and without libstdc++, and the program's own.</summary>
public sealed class OperatorTests : ProgramTests
{
    [Theory, CasesOf("operators")]
    public void Operators(string name) => RunCase("operators", name);

    [Theory, CasesOf("own_operators")]
    public void OwnOperators(string name) => RunCase("own_operators", name);

    [Theory, CasesOf("plain_c")]
    public void PlainC(string name) => RunCase("plain_c", name);
}
