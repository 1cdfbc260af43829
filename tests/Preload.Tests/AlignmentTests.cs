using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Aligned blocks of any power of two, without paying for the alignment.</summary>
public sealed class AlignmentTests : ProgramTests
{
    [Theory, CasesOf("alignment")]
    public void Alignment(string name) => RunCase("alignment", name);
}
