using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

// Programs built in many ways; for thousands of their addresses the answer must be that of binutils' `addr2line -i -f -C`.
public sealed class NativeSymbolTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("-g -O2 -gdwarf-5")]
    [InlineData("-g -O2 -gdwarf-4")]
    [InlineData("-g -O0 -gdwarf-5")]
    [InlineData("-g -O3 -gdwarf-3 -gstrict-dwarf")]
    [InlineData("-g -O2 -gdwarf-2 -gstrict-dwarf")]
    [InlineData("-g1 -O2")]
    [InlineData("-g -O2 -no-pie")]
    [InlineData("-g -O2 -static-pie -gdwarf-5")]
    [InlineData("-g -O2 -gz=zlib")]
    [InlineData("-g -O2 -ffunction-sections -Wl,--gc-sections")]
    [InlineData("-g -O2 -flto")]
    public void AgreesWithAddr2line(string flags)
    {
        using var folder = new TemporaryFolder();
        string program = Build(folder, flags);
        Compare(program, program, flags);
    }

    void Compare(string program, string oracle, string what)
    {
        SymbolFile file = SymbolFile.Open(program, [])!;
        ulong[] addresses = Addresses(oracle);
        Dictionary<ulong, List<(string Function, string File, int Line)>> expected = Addr2line(oracle, addresses);
        int functions = 0, lines = 0, chains = 0;
        var different = new List<string>();
        foreach (ulong address in addresses)
        {
            IReadOnlyList<NativeFrame> found = file.Find(address);
            var wanted = expected[address];
            bool sameFunction = found.Count > 0 && Same(found[0].Name, wanted[0].Function);
            bool sameLine = found.Count > 0 ? found[0].Line == wanted[0].Line && Path.GetFileName(found[0].File) == Path.GetFileName(wanted[0].File) : wanted[0].Line == 0;
            bool sameChain = found.Count == wanted.Count && found.Zip(wanted).All(pair => Same(pair.First.Name, pair.Second.Function) && pair.First.Line == pair.Second.Line);
            functions += sameFunction ? 1 : 0;
            lines += sameLine ? 1 : 0;
            chains += sameChain ? 1 : 0;
            if (!(sameFunction && sameLine && sameChain) && different.Count < 10)
                different.Add($"{address:x}: {string.Join(" < ", found)}\n    instead of {string.Join(" < ", wanted)}");
        }
        double all = addresses.Length;
        string report = string.Create(CultureInfo.InvariantCulture,
            $"{what}: {addresses.Length} addresses, functions {functions / all:p2}, lines {lines / all:p2}, whole chains {chains / all:p2}\n{string.Join('\n', different)}");
        output.WriteLine(report);
        Assert.True(functions >= 0.99 * all && lines >= 0.99 * all && chains >= 0.98 * all, report);
    }

    /// <summary>binutils leaves out the parameters where the compiler noted none: the name must be the same up to there.</summary>
    static bool Same(string found, string wanted) => found == wanted || Bare(found) == Bare(wanted);

    static string Bare(string name)
    {
        int dot = name.IndexOf(" [clone", StringComparison.Ordinal);
        return dot < 0 ? name : name[..dot];
    }

    static string Build(TemporaryFolder folder, string flags)
    {
        string program = folder.File("program");
        Programs.Run("g++", [.. flags.Split(' '), "-o", program, Path.Combine(Programs.Output, "Native", "shapes.cpp"), Path.Combine(Programs.Output, "Native", "more.cpp")], folder: folder.Path);
        return program;
    }

    /// <summary>The address of every instruction of the program's own functions, up to 4,000 of them.</summary>
    static ulong[] Addresses(string program)
    {
        var addresses = new List<ulong>();
        bool isOwn = false;
        foreach (string line in Programs.Run("objdump", ["-d", "--no-show-raw-insn", "-j", ".text", program]).Split('\n'))
        {
            if (line.EndsWith(">:", StringComparison.Ordinal)) isOwn = line.Contains("shapes", StringComparison.Ordinal) || line.Contains("<main", StringComparison.Ordinal);
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (isOwn && colon > 0 && ulong.TryParse(line.AsSpan(0, colon).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address)) addresses.Add(address);
        }
        Assert.True(addresses.Count > 200, $"only {addresses.Count} addresses in {program}");
        int step = Math.Max(1, addresses.Count / 4000);
        return [.. addresses.Where((_, index) => index % step == 0)];
    }

    static Dictionary<ulong, List<(string Function, string File, int Line)>> Addr2line(string program, ulong[] addresses)
    {
        string text = Programs.Run("addr2line", ["-a", "-i", "-f", "-C", "-e", program], input: string.Join('\n', addresses.Select(address => address.ToString("x", CultureInfo.InvariantCulture))) + "\n");
        var found = new Dictionary<ulong, List<(string, string, int)>>();
        List<(string, string, int)>? current = null;
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("0x", StringComparison.Ordinal))
            {
                found[ulong.Parse(lines[i].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = current = [];
                continue;
            }
            string place = lines[i + 1].Split(" (discriminator", 2)[0];
            int colon = place.LastIndexOf(':');
            string file = place[..colon];
            current!.Add((lines[i], file == "??" ? "" : file, int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int line) ? line : 0));
            i++;
        }
        return found;
    }
}
