using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

// Which file's names count: a wrong name is worse than none.
public sealed class SymbolFileTests
{
    const string Source = """
        int hot(int value);
        static __attribute__((noinline)) int inner(int value) { return hot(value) + 1; }
        int outer(int value)
        {
            return inner(value) * 2;
        }
        int hot(int value) { return value; }
        """;

    [Fact]
    public void AnotherBuildOfTheLibraryGivesNoNames()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "-g");
        ulong address = AddressOf(library, "outer") + 1;
        byte[] id = IdOf(library);
        Assert.Equal("outer", new SymbolTable([new SymbolModule(0x1000, 0x100_0000, 0x1000, library, id)]).Resolve(0x1000 + address)[0].Function);
        id[3] ^= 1;
        Frame frame = Assert.Single(new SymbolTable([new SymbolModule(0x1000, 0x100_0000, 0x1000, library, id)]).Resolve(0x1000 + address));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"library.so+0x{address:x}"), frame.Function);
        Assert.Equal(FrameKind.Unknown, frame.Kind);
        var table = new SymbolTable([new SymbolModule(0x1000, 0x100_0000, 0x1000, library, id)]);
        table.Resolve(0x1000 + address);
        table.Resolve(0x1000 + address + 1);
        Assert.Contains("another build", Assert.Single(table.Remarks));
    }

    [Fact]
    public void AddressesOutsideOfEveryModuleStayNumbers()
    {
        var table = new SymbolTable([]);
        Assert.Equal(new Frame("0x1234", "", "", 0, FrameKind.Unknown), Assert.Single(table.Resolve(0x1234)));
        Assert.Equal("0x0", Assert.Single(table.Resolve(0)).Function);
        Assert.Equal("0xffffffffffffffff", Assert.Single(table.Resolve(ulong.MaxValue)).Function);
    }

    [Fact]
    public void ALibraryThatIsGoneIsStillToldByItsName()
    {
        var table = new SymbolTable([new SymbolModule(0x1000, 0x2000, 0x1000, "/nowhere/libgone.so", [])]);
        Assert.Equal("libgone.so+0x123", Assert.Single(table.Resolve(0x1123)).Function);
    }

    // The instruction behind a call may be the next function's: the name and the line are those of the call.
    [Fact]
    public void AReturnAddressIsNamedForTheCallBeforeIt()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "-g");
        ulong start = AddressOf(library, "outer");
        var table = new SymbolTable([new SymbolModule(0, 0x100_0000, 0, library, [])]);
        Assert.NotEqual("outer", table.Resolve(start)[0].Function);
        Frame frame = Assert.Single(table.Resolve(start + 1));
        Assert.Equal(("outer", "library.so", 4, FrameKind.Native), (frame.Function, frame.Library, frame.Line, frame.Kind));
        Assert.EndsWith("library.c", frame.File);
    }

    [Fact]
    public void ADebugFileIsFoundByItsLinkAndCheckedByItsSum()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "-g"), debug = folder.File("library.debug");
        ulong address = AddressOf(library, "inner") + 1;
        Programs.Run("objcopy", ["--only-keep-debug", library, debug]);
        Programs.Run("objcopy", ["--strip-all", "--add-gnu-debuglink=" + debug, library]);
        NativeFrame found = Assert.Single(SymbolFile.Open(library, [])!.Find(address));
        Assert.Equal(("inner", 2), (found.Name, found.Line));

        Directory.CreateDirectory(folder.File(".debug"));
        File.Move(debug, folder.File(".debug/library.debug"));
        Assert.Equal("inner", Assert.Single(SymbolFile.Open(library, [])!.Find(address)).Name);

        using (FileStream changed = new(folder.File(".debug/library.debug"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            changed.Seek(-1, SeekOrigin.End);
            changed.WriteByte(0x5A);
        }
        // `strip` leaves the names of what others may call.
        Assert.DoesNotContain(SymbolFile.Open(library, [])!.Find(address), frame => frame.Name == "inner");
        Assert.Equal("outer", Assert.Single(SymbolFile.Open(library, [])!.Find(AddressOf(library, "outer") + 1)).Name);
    }

    [Fact]
    public void WithoutDebugInformationTheSymbolTableNamesFunctions()
    {
        using var folder = new TemporaryFolder();
        string library = Build(folder, "-g0");
        Assert.Equal(new NativeFrame("inner", "", 0), Assert.Single(SymbolFile.Open(library, [])!.Find(AddressOf(library, "inner") + 1)));
    }

    [Fact]
    public void AStubOfTheLinkerHasTheNameOfItsFunction()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("user.c"), "#include <stdlib.h>\nvoid *use(int n) { void *p = malloc(n); return p ? p : calloc(n, 2); }\n");
        string library = folder.File("user.so");
        Programs.Run("gcc", ["-shared", "-fPIC", "-O0", "-o", library, folder.File("user.c")]);
        ulong[] stubs = [.. Programs.Run("objdump", ["-d", "-j", ".plt", "-j", ".plt.sec", library]).Split('\n')
            .Where(line => line.EndsWith("<malloc@plt>:", StringComparison.Ordinal)).Select(line => ulong.Parse(line.Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        Assert.NotEmpty(stubs);
        Assert.All(stubs, stub => Assert.Equal("malloc@plt", Assert.Single(SymbolFile.Open(library, [])!.Find(stub + 2)).Name));
    }

    [Theory]
    [InlineData("libcoreclr.so", true)]
    [InlineData("libclrjit.so", true)]
    [InlineData("dotnet", true)]
    [InlineData("libSystem.Native.so", false)]
    [InlineData("libc.so.6", false)]
    public void TheRuntimesOwnLibrariesAreKnown(string library, bool isRuntime) => Assert.Equal(isRuntime, RuntimeLibraries.Contains(library));

    static string Build(TemporaryFolder folder, string flag)
    {
        File.WriteAllText(folder.File("library.c"), Source);
        string library = folder.File("library.so");
        Programs.Run("gcc", ["-shared", "-fPIC", "-O0", flag, "-Wl,--build-id", "-o", library, folder.File("library.c")]);
        return library;
    }

    static byte[] IdOf(string library)
    {
        using MappedFile file = MappedFile.Open(library)!;
        return ElfFile.Read(file)!.ReadBuildId()!;
    }

    static ulong AddressOf(string library, string function)
    {
        IEnumerable<string> symbols = (Programs.Run("nm", [library]) + Programs.Run("nm", ["-D", library])).Split('\n');
        return ulong.Parse(symbols.First(line => line.EndsWith(" " + function, StringComparison.Ordinal)).Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
