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
    [InlineData("-g -O3 -gdwarf-3")]
    [InlineData("-g -O2 -gdwarf-2")]
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
        int functions = 0, lines = 0, chains = 0, files = 0;
        var different = new List<string>();
        foreach (ulong address in addresses)
        {
            IReadOnlyList<NativeFrame> found = file.Find(address);
            var wanted = expected[address];
            // binutils gives an inlined function that has no linkage name the name of the function around it.
            bool isMisnamed = wanted.Count > 1 && wanted[0].Function == wanted[^1].Function;
            bool sameFunction = found.Count > 0 && (Same(found[0].Name, wanted[0].Function) || isMisnamed);
            bool sameLine = found.Count > 0 ? found[0].Line == wanted[0].Line : wanted[0].Line == 0;
            bool sameChain = sameFunction && found.Count == wanted.Count
                && found.Zip(wanted).Skip(1).All(pair => Same(pair.First.Name, pair.Second.Function) && pair.First.Line == pair.Second.Line);
            bool sameFile = found.Count > 0 && Path.GetFileName(found[0].File) == Path.GetFileName(wanted[0].File);
            files += sameFile ? 1 : 0;
            functions += sameFunction ? 1 : 0;
            lines += sameLine ? 1 : 0;
            chains += sameChain ? 1 : 0;
            if (!(sameFunction && sameLine && sameChain) && different.Count < 5)
                different.Add($"{address:x}: {string.Join(" < ", found)}\n    instead of {string.Join(" < ", wanted)}");
        }
        double all = addresses.Length;
        string report = string.Create(CultureInfo.InvariantCulture,
            $"{what}: {addresses.Length} addresses, functions {functions / all:p2}, lines {lines / all:p2}, whole chains {chains / all:p2}, files {files / all:p2}\n{string.Join('\n', different)}");
        output.WriteLine(report);
        Assert.True(functions >= 0.99 * all && lines >= 0.99 * all && chains >= 0.99 * all && files >= 0.95 * all, report);
    }

    static bool Same(string found, string wanted) => found == wanted || found == Whole(wanted) || Bare(found) == wanted;

    /// <summary>Without scopes and parameters, as binutils shows functions of one file where they are not innermost.</summary>
    static string Bare(string name) => name.Split('(')[0].Split("::")[^1];

    /// <summary>Without the part or copy of the function that binutils shows.</summary>
    static string Whole(string name)
    {
        int clone = name.IndexOf(" [clone", StringComparison.Ordinal);
        return clone >= 0 ? name[..clone] : name.EndsWith(".cold", StringComparison.Ordinal) ? name[..^5] : name;
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
            // Where nothing is ever called from: the filling between functions.
            if (line.Contains("nop", StringComparison.Ordinal) || line.Contains("xchg   %ax,%ax", StringComparison.Ordinal)) continue;
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
