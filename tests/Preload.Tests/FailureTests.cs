using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>What fails, fails as glibc documents it.</summary>
public sealed class FailureTests : ProgramTests
{
    [Theory, CasesOf("failures")]
    public void Failure(string name) => RunCase("failures", name);
}
