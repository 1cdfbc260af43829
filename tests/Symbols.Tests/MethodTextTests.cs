using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

// What the runtime said of methods of real programs, and how a C# programmer would write them: MethodNames.tsv.
public sealed class MethodTextTests
{
    [Fact]
    public void MethodsReadAsInTheSource()
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(Programs.Output, "MethodNames.tsv")).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t'))];
        Assert.True(rows.Length >= 200);
        Assert.All(rows, row => Assert.Equal(row[3], MethodText.Readable(row[0], row[1], row[2])));
    }

    [Theory]
    [InlineData("System.Int32[]", "int[]")]
    [InlineData("System.Int32[,,]", "int[,,]")]
    [InlineData("System.Byte*", "byte*")]
    [InlineData("System.Collections.Generic.Dictionary`2[System.String,System.Collections.Generic.List`1[System.Int32]][]", "Dictionary<string, List<int>>[]")]
    [InlineData("System.Collections.Generic.List`1[[System.Int32, System.Private.CoreLib]]", "List<int>")]
    [InlineData("System.Nullable`1[System.DateTime]", "DateTime?")]
    [InlineData("System.ValueTuple`2[System.Int32,System.String]", "(int, string)")]
    [InlineData("System.Collections.Generic.Dictionary`2+Entry[System.String,System.Object]", "Dictionary<string, object>.Entry")]
    [InlineData("Outer`1+Inner`1[System.Int32,System.String]", "Outer<int>.Inner<string>")]
    [InlineData("Outer`1+Inner`1", "Outer<_>.Inner<_>")]
    [InlineData("Orders+<LoadAsync>d__12", "Orders.LoadAsync")]
    [InlineData("Orders+<>c__DisplayClass3_0", "Orders")]
    [InlineData("", "")]
    public void TypesReadAsInTheSource(string type, string readable) => Assert.Equal(readable, TypeText.Readable(type));

    [Fact]
    public void AnAsyncMethodHasTheParametersOfItsSignature() =>
        Assert.Equal("Orders.LoadAsync(int)", MethodText.Readable("Shop.Orders+<LoadAsync>d__12", "MoveNext", "instance void  ()",
            (type, name) => (type, name) == ("Shop.Orders", "LoadAsync") ? "instance class System.Threading.Tasks.Task  (int32)" : null));

    [Fact]
    public void AStubIsNamedForTheImportItCalls() => Assert.Equal("[P/Invoke] Interop.ZLib.Deflate", MethodText.Import("Interop+ZLib", "Deflate"));
}
