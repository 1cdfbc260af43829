using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

// Files come from anywhere and may be damaged: no change of any byte may throw, hang, or take much memory. A million
// changed files in all, from fixed seeds.
public sealed class SymbolFuzzTests(ITestOutputHelper output)
{
    const int PerImage = 250_000;
    const long MaxBytes = 64 << 20;

    [Theory]
    [InlineData("-gdwarf-5 -O2", 1)]
    [InlineData("-gdwarf-4 -O2", 2)]
    [InlineData("-gdwarf-2 -O0", 3)]
    [InlineData("-gdwarf-5 -O1 -gz=zlib", 4)]
    public void ADamagedFileNeverThrowsNorHangs(string flags, int seed)
    {
        using var folder = new TemporaryFolder();
        string library = folder.File("small.so");
        File.WriteAllText(folder.File("small.c"), "int f(int *); static inline int g(int v) { return f(&v) + 1; }\nint h(int v) { int s = 0; while (v--) s += g(v); return s; }\nint f(int *p) { return *p; }\n");
        Programs.Run("gcc", ["-shared", "-fPIC", "-nostdlib", .. flags.Split(' '), "-Wl,-z,norelro,-z,noseparate-code,-z,max-page-size=256", "-o", library, folder.File("small.c")]);
        byte[] image = File.ReadAllBytes(library);
        ulong[] addresses = Addresses(image);
        (ulong Start, int Bytes)[] targets = Targets(image);
        SymbolFile healthy = SymbolFile.Open("", new MemoryBytes(image), [])!;
        Assert.Contains(addresses, address => healthy.Find(address) is [{ Line: > 0, Name: "f" or "g" or "h" }, ..]);

        var clock = Stopwatch.StartNew();
        long worstTicks = 0, worstBytes = 0, named = 0;
        int workers = Math.Max(1, Math.Min(2, Environment.ProcessorCount));
        Parallel.For(0, workers, worker =>
        {
            var random = new Random(seed * 1000 + worker);
            byte[] changed = new byte[image.Length];
            for (int i = 0; i < PerImage / workers; i++)
            {
                image.CopyTo(changed, 0);
                Change(changed, targets, random);
                long allocated = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
                ReadOnlyMemory<byte> content = random.Next(16) == 0 ? changed.AsMemory(0, random.Next(changed.Length)) : changed;
                if (SymbolFile.Open("", new MemoryBytes(content), []) is { } file)
                    foreach (ulong address in addresses) System.Threading.Interlocked.Add(ref named, file.Find(address).Count);
                Max(ref worstTicks, Stopwatch.GetTimestamp() - began);
                Max(ref worstBytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
            }
        });
        output.WriteLine($"{flags}: {PerImage} changed files of {image.Length} bytes in {clock.Elapsed.TotalSeconds:f1} s, {named} frames; "
            + $"worst {worstTicks * 1000.0 / Stopwatch.Frequency:f0} ms, {worstBytes >> 10} KiB");
        Assert.True(worstBytes < MaxBytes, $"{worstBytes} bytes for one file of {image.Length}");
        Assert.True(worstTicks < 10 * Stopwatch.Frequency, "one file took more than ten seconds");
        Assert.True(named > 0);
    }

    static void Max(ref long highest, long value)
    {
        for (long seen = highest; value > seen; seen = highest)
            if (System.Threading.Interlocked.CompareExchange(ref highest, value, seen) == seen) return;
    }

    /// <summary>The addresses of the code, a few bytes apart.</summary>
    static ulong[] Addresses(byte[] image)
    {
        ElfSection text = ElfFile.Read(new MemoryBytes(image))!.Sections.Single(section => section.Name == ".text");
        return [.. Enumerable.Range(0, 4).Select(i => text.Address + text.Bytes * (ulong)i / 4 + 3)];
    }

    /// <summary>The parts of the file that are read: headers, symbols and debug information.</summary>
    static (ulong Start, int Bytes)[] Targets(byte[] image)
    {
        var targets = new List<(ulong, int)> { (0, 64) };
        ulong table = BitConverter.ToUInt64(image, 40);
        targets.Add((table, image.Length - (int)table));
        foreach (ElfSection section in ElfFile.Read(new MemoryBytes(image))!.Sections)
            if (section.Bytes > 0 && section.Type != ElfSection.NoBits && (section.Name.StartsWith(".debug", StringComparison.Ordinal) || section.Type is ElfSection.SymbolTable or ElfSection.StringTable or ElfSection.Rela))
                targets.Add((section.Offset, (int)section.Bytes));
        return [.. targets];
    }

    static void Change(byte[] image, (ulong Start, int Bytes)[] targets, Random random)
    {
        for (int n = random.Next(1, 9); n > 0; n--)
        {
            (ulong start, int bytes) = targets[random.Next(targets.Length)];
            int at = (int)start + random.Next(bytes);
            switch (random.Next(5))
            {
                case 0: image[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: image[at] = (byte)random.Next(256); break;
                case 2: image[at] = (byte)(random.Next(2) == 0 ? 0xFF : 0); break;
                case 3: image.AsSpan(at, Math.Min(random.Next(1, 9), image.Length - at)).Fill((byte)(random.Next(2) * 0xFF)); break;
                default:
                    int from = random.Next(image.Length), count = Math.Min(random.Next(1, 17), image.Length - Math.Max(from, at));
                    image.AsSpan(from, count).CopyTo(image.AsSpan(at));
                    break;
            }
        }
    }

    [Fact]
    public void ManglingThatMakesNoSenseNeverThrows()
    {
        string[] names = ["_RINvC7mycrate3fooTlReQhEE", "_RNvXs_C7mycrateNtB4_3FooNtNtC4core3fmt5Debug3fmt", "_RNvC7mycrateu8gdel_5qa", "_ZN3foo28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "_RINvC7mycrate3fooFUKClEuE", "_RINvC1a1bDINtC1c1dhEp1elEL_E"];
        const string Letters = "_RZNBICXYMTEDFKLpsu0123456789abcdefh$<>";
        var random = new Random(7);
        for (int i = 0; i < 100_000; i++)
        {
            char[] name = names[random.Next(names.Length)].ToCharArray();
            for (int n = random.Next(1, 5); n > 0; n--) name[random.Next(2, name.Length)] = Letters[random.Next(Letters.Length)];
            string text = new(name);
            Assert.True((RustLegacyName.Readable(text) ?? RustName.Readable(text) ?? text).Length < 40_000);
        }
    }

    [Fact]
    public void MethodNamesThatMakeNoSenseNeverThrow()
    {
        (string, string, string)[] methods =
        [
            ("System.Collections.Generic.Dictionary`2+Entry[System.__Canon,System.Int32]", "System.Collections.Generic.IEnumerable<T>.GetEnumerator", "instance class A`1<!0>  (!0,class B`2<int32,!1[]>&,value class C)"),
            ("Program+<<<Main>$>g__Load|0_0>d", "MoveNext", "instance void  ()"),
            ("Program+<>c__DisplayClass0_0", "<<Main>$>b__0_1", "instance !!0  (!!0,native int*)"),
        ];
        const string Letters = "<>[]`+,|!&*(). $_d0a";
        var random = new Random(8);
        for (int i = 0; i < 200_000; i++)
        {
            (string type, string name, string signature) = methods[random.Next(methods.Length)];
            Assert.NotNull(MethodText.Readable(Changed(type), Changed(name), Changed(signature)));
        }

        string Changed(string text)
        {
            char[] letters = text.ToCharArray();
            for (int n = random.Next(0, 4); n > 0; n--) letters[random.Next(letters.Length)] = Letters[random.Next(Letters.Length)];
            return new string(letters, 0, random.Next(4) == 0 ? random.Next(letters.Length + 1) : letters.Length);
        }
    }
}
