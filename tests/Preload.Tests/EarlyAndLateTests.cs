using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Calls before the library's own constructor and after its destructor.</summary>
public sealed class EarlyAndLateTests : ProgramTests
{
    [Theory, CasesOf("early_late")]
    public void EarlyAndLate(string name) => RunCase("early_late", name);

    [Theory, CasesOf("early_resolver")]
    public void EarlyResolver(string name) => RunCase("early_resolver", name);

    [Theory, CasesOf("late_objects")]
    public void LateObjects(string name) => RunCase("late_objects", name);
}
