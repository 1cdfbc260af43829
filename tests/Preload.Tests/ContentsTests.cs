using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Zeros from calloc, the old bytes after realloc.</summary>
public sealed class ContentsTests : ProgramTests
{
    [Theory, CasesOf("contents")]
    public void Contents(string name) => RunCase("contents", name);
}
