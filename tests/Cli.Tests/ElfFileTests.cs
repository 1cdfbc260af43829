using System;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

public class ElfFileTests
{
    static readonly byte[] s_library = File.ReadAllBytes(Launcher.LibraryPath);

    [Fact]
    public void TheLibrarysRootIsWhereNmSeesIt()
    {
        ulong seen = Convert.ToUInt64(Launcher.Shell($"nm -D {Launcher.LibraryPath} | grep ' lampyris_root$' | cut -d' ' -f1").Output.Trim(), 16);
        using FileBytes file = FileBytes.Open(Launcher.LibraryPath)!;

        ElfFile elf = ElfFile.Read(file)!;

        Assert.Equal(seen, elf.FindSymbol("lampyris_root"u8));
        Assert.NotNull(elf.FindSymbol("malloc"u8));
        Assert.Null(elf.FindSymbol("mallo"u8));
        Assert.Null(elf.FindSymbol("mallocc"u8));
        Assert.Null(elf.FindSymbol(""u8));
        Assert.Null(elf.FindSymbol("pthread_create"u8));        // needed, not defined
        Assert.Equal(ElfFile.TypeShared, elf.Type);
        Assert.Equal("", elf.Interpreter);
    }

    [Fact]
    public void AProgramNamesItsLoader()
    {
        using var scratch = new Scratch();
        using FileBytes dynamic = FileBytes.Open(scratch.Compile("a", "int main(void) { return 0; }"))!;
        using FileBytes fixedOne = FileBytes.Open(scratch.Compile("b", "int main(void) { return 0; }", "-static"))!;
        Assert.Contains("ld-linux", ElfFile.Read(dynamic)!.Interpreter, StringComparison.Ordinal);
        Assert.Equal("", ElfFile.Read(fixedOne)!.Interpreter);
        Assert.NotNull(ElfFile.Read(fixedOne)!.FindSymbol("malloc"u8));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/dev/null")]
    [InlineData("/tmp")]
    [InlineData("/proc/self/status")]
    public void WhatIsNoElfFileIsNone(string path)
    {
        using FileBytes file = FileBytes.Open(path)!;
        Assert.Null(ElfFile.Read(file));
    }

    [Fact]
    public void AFileCutAnywhereIsReadWithoutHarm()
    {
        for (int length = 0; length < s_library.Length; length += length < 8192 ? 1 : 977) Look(s_library[..length]);
    }

    // Method: a few bytes of the headers, section table or symbols turned into something else, many times.
    [Fact]
    public void ADamagedFileIsReadWithoutHarm()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        ulong sections = BitConverter.ToUInt64(s_library, 40);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = (byte[])s_library.Clone();
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                int at = random.Next(3) switch
                {
                    0 => random.Next(64 + 56 * 12),
                    1 => (int)sections + random.Next(damaged.Length - (int)sections),
                    _ => random.Next(damaged.Length),
                };
                damaged[at] = random.Next(4) == 0 ? (byte)0xFF : (byte)random.Next(256);
            }
            Look(damaged);
        }
    }

    static void Look(byte[] bytes)
    {
        var source = new Memory(bytes);
        ElfFile? elf = ElfFile.Read(source);
        elf?.FindSymbol("lampyris_root"u8);
        elf?.FindSymbol("no_such_symbol"u8);
        ElfImage.FindSymbol(source, 0, "lampyris_root"u8);
    }
}
