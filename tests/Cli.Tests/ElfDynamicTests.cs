using System;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Cli.Tests;

public class ElfDynamicTests
{
    /// <summary>A library that defines, imports and needs something of everything.</summary>
    const string Source = """
        #include <stdlib.h>
        #include <malloc.h>
        void free(void *p) { (void)p; }
        __attribute__((weak)) void *calloc(size_t n, size_t m) { (void)n; (void)m; return 0; }
        __attribute__((visibility("hidden"))) void *memalign(size_t a, size_t n) { (void)a; return malloc(n); }
        void *(*table[])(void *, size_t) = { realloc };
        void *use(size_t n) { return memalign(16, n); }
        """;

    static string CompileLibrary(Scratch scratch, params string[] options) =>
        scratch.Compile("libsample.so", Source, ["-shared", "-fPIC", "-fno-builtin", "-Wl,-soname,libsample.so.7", "-Wl,-rpath,/one:$ORIGIN/two", .. options]);

    static LoadedObject Read(byte[] bytes) => LoadedObject.Read(new Memory(bytes), "/x/libsample.so")!;

    [Fact]
    public void ALibraryIsReadAsTheLoaderReadsIt()
    {
        using var scratch = new Scratch();
        LoadedObject library = Read(File.ReadAllBytes(CompileLibrary(scratch, "-Wl,--enable-new-dtags", "-Wl,-z,lazy")));

        ElfDynamic dynamic = library.Dynamic!;
        Assert.Equal(["libc.so.6"], dynamic.Needed);
        Assert.Equal(("libsample.so.7", "/one:$ORIGIN/two", ""), (dynamic.Soname, dynamic.RunPath, dynamic.RPath));
        Assert.Equal((false, false, false), (dynamic.IsBindNow, dynamic.IsSymbolic, dynamic.IsPie));
        Assert.Equal(DefinitionKind.Strong, library.Definition("free"));
        Assert.Equal(DefinitionKind.Weak, library.Definition("calloc"));
        Assert.Equal(DefinitionKind.Hidden, library.Definition("memalign"));
        Assert.Equal(DefinitionKind.None, library.Definition("malloc"));
        Assert.Equal(ElfSlotKind.Plt, library.Slots.Single(use => use.Slot.Name == "malloc").Slot.Kind);
        Assert.Equal(ElfSlotKind.Data, library.Slots.Single(use => use.Slot.Name == "realloc").Slot.Kind);
        Assert.DoesNotContain(library.Slots, use => use.Slot.Name == "memalign");
    }

    [Fact]
    public void TheLinkersOptionsAreSeen()
    {
        using var scratch = new Scratch();
        ElfDynamic dynamic = Read(File.ReadAllBytes(CompileLibrary(scratch, "-Wl,--disable-new-dtags", "-Wl,-z,now", "-Wl,-Bsymbolic"))).Dynamic!;
        Assert.Equal((true, true), (dynamic.IsBindNow, dynamic.IsSymbolic));
        Assert.Equal(("/one:$ORIGIN/two", ""), (dynamic.RPath, dynamic.RunPath));
    }

    // Goal: the dynamic part alone is enough. Method: the section table and the full symbol table go, and the slots stay.
    [Theory]
    [InlineData("-Wl,--hash-style=gnu")]
    [InlineData("-Wl,--hash-style=sysv")]
    public void NoSectionTableIsNeeded(string hash)
    {
        using var scratch = new Scratch();
        byte[] whole = File.ReadAllBytes(CompileLibrary(scratch, hash)), stripped = (byte[])whole.Clone();
        stripped.AsSpan(40, 8).Clear();         // e_shoff
        stripped.AsSpan(60, 4).Clear();         // e_shnum, e_shstrndx

        LoadedObject before = Read(whole), after = Read(stripped);

        Assert.True(after.IsStripped);
        Assert.False(before.IsStripped);
        Assert.Equal(before.Slots, after.Slots);
        Assert.Equal(DefinitionKind.Weak, after.Definition("calloc"));
        Assert.Equal(DefinitionKind.None, after.Definition("memalign"));
    }

    [Fact]
    public void ANameMayBeTheEndOfAnother()
    {
        byte[] strings = [0, .. "__libc_memalign\0xfree\0malloc_usable_size\0calloc"u8];     // the last one has no end
        var found = AllocationSymbols.Watched.Find(new Memory(strings), 0, (ulong)strings.Length);
        Assert.Equal(
            [(1u, "__libc_memalign"), (8u, "memalign"), (18u, "free"), (23u, "malloc_usable_size")],
            found.Select(each => (each.Key, each.Value)).Order());
    }

    // Goal: where one piece of the table ends and the next begins, nothing is lost. Method: a name at each place near the seam.
    [Fact]
    public void ANameMayLieAcrossTwoPieces()
    {
        const int Seam = 64 * 1024;
        for (int at = Seam - 40; at < Seam + 40; at++)
        {
            byte[] strings = new byte[3 * Seam];
            strings.AsSpan().Fill((byte)'x');
            "\0posix_memalign\0"u8.CopyTo(strings.AsSpan(at));
            Assert.Equal("posix_memalign", AllocationSymbols.Watched.Find(new Memory(strings), 0, (ulong)strings.Length)[(uint)at + 1]);
        }
    }

    [Fact]
    public void AFileCutAnywhereIsReadWithoutHarm()
    {
        using var scratch = new Scratch();
        byte[] library = File.ReadAllBytes(CompileLibrary(scratch));
        int readable = 0;
        for (int length = 0; length <= library.Length; length++)
            if (LoadedObject.Read(new Memory(library[..length]), "x")?.Dynamic is { Symbols.Count: > 0 }) readable++;
        Assert.InRange(readable, 1, library.Length / 2);
    }

    // Method: a few bytes turned into something else, many times: most often in the headers and the tables that the reader uses.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADamagedFileIsReadWithoutHarm(bool isOurs)
    {
        using var scratch = new Scratch();
        byte[] library = File.ReadAllBytes(isOurs ? Launcher.LibraryPath : CompileLibrary(scratch));
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int sections = (int)BitConverter.ToUInt64(library, 40);
        int read = 0, refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = (byte[])library.Clone();
            for (int change = random.Next(1, 8); change > 0; change--)
            {
                int at = random.Next(4) switch
                {
                    0 => random.Next(64 + 56 * 12),
                    1 => random.Next(Math.Min(8192, damaged.Length)),
                    2 => sections + random.Next(damaged.Length - sections),
                    _ => random.Next(damaged.Length),
                };
                damaged[at] = random.Next(3) switch { 0 => (byte)0xFF, 1 => (byte)(damaged[at] ^ 1 << random.Next(8)), _ => (byte)random.Next(256) };
            }
            var source = new Memory(damaged);
            if (LoadedObject.Read(source, "x")?.Dynamic is not null) read++;
            else refused++;
            if (ElfFile.Read(source) is { } elf) LoadedObject.ReadImage(source, elf, (ulong)random.NextInt64(), "x");
        }
        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
    }

    [Fact]
    public void TheLoadersListMayBeACircle()
    {
        byte[] memory = new byte[256];
        BitConverter.TryWriteBytes(memory.AsSpan(8), 16ul);         // DT_DEBUG leads to r_debug at 16
        BitConverter.TryWriteBytes(memory.AsSpan(24), 64ul);        // whose list begins at 64
        BitConverter.TryWriteBytes(memory.AsSpan(64), 0x1000ul);
        BitConverter.TryWriteBytes(memory.AsSpan(88), 64ul);        // and leads to itself

        var list = LinkMap.Read(new Memory(memory), 8);

        Assert.InRange(list.Count, 2, 10_000);
        Assert.Equal(0x1000ul, list[0].Bias);
        Assert.Empty(LinkMap.Read(new Memory(memory), 1000));
    }
}
