using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Xunit;

namespace Lampyris.Tests;

/// <summary>Unwind information of the libraries that this process runs on.</summary>
public sealed unsafe class EhFrameTests
{
    static readonly string[] s_registers = ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "ra"];

    static ElfObject Library(string name, out string path)
    {
        NativeLibrary.TryLoad(name, out _);
        string[] words = File.ReadLines("/proc/self/maps").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(line => line.Length > 5 && Path.GetFileName(line[5]).StartsWith(name, StringComparison.Ordinal) && line[1].Contains('x', StringComparison.Ordinal));
        path = words[5];
        Assert.True(ElfObject.TryFind(ulong.Parse(words[0].Split('-')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), out ElfObject found));
        return found;
    }

    // Goal: the row for each place in the code is that of binutils. Method: all rows that readelf prints, at their first byte.
    [Theory]
    [InlineData("libc.so.6")]
    [InlineData("libstdc++.so.6")]
    [InlineData("libclrjit.so")]
    public void EveryRowIsTheOneThatReadelfPrints(string name)
    {
        ElfObject elf = Library(name, out string path);
        using Process readelf = Process.Start(new ProcessStartInfo("readelf", ["--debug-dump=frames-interp", "--wide", path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        readelf.ErrorDataReceived += (_, _) => { };
        readelf.BeginErrorReadLine();
        string[] columns = [];
        ulong end = 0;
        int rows = 0, expressions = 0;
        while (readelf.StandardOutput.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line.Contains(" FDE ", StringComparison.Ordinal)) end = Hex(words[^1].Split("..")[1]);
            else if (line.Contains(" CIE ", StringComparison.Ordinal)) end = 0;
            else if (words is ["LOC", ..]) columns = words;
            else if (end != 0 && words.Length == columns.Length && words.Length > 2 && words[0].Length == 16)
            {
                // A row that begins where its function ends is that of no code.
                if (Hex(words[0]) >= end) continue;
                rows++;
                CfaProgram program = default;
                Assert.True(EhFrame.TryFind(elf, elf.Start + Hex(words[0]), ref program, out _), $"nothing for {line}");
                Assert.Equal(words[1], Cfa(program.Row));
                for (int i = 2; i < columns.Length; i++) Assert.Equal(words[i], Register(program.Row, Array.IndexOf(s_registers, columns[i])));
                if (program.Row.CfaExpression != 0) expressions++;
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{rows} rows, {expressions} with an expression");
        Assert.True(rows > 2000, $"{rows} rows");
    }

    static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    static string Cfa(in CfaRow row) => row.CfaExpression != 0 ? "exp" : $"{s_registers[row.CfaRegister]}{Signed(row.CfaOffset)}";

    static string Register(in CfaRow row, int register) => row.Rule[register] switch
    {
        RegisterRule.AtOffset => $"c{Signed(row.Operand[register])}",
        RegisterRule.IsOffset => $"v{Signed(row.Operand[register])}",
        RegisterRule.InRegister => s_registers[row.Operand[register]],
        RegisterRule.AtExpression => "exp",
        RegisterRule.IsExpression => "vexp",
        _ => "u",
    };

    static string Signed(long value) => value.ToString("+0;-0;+0", CultureInfo.InvariantCulture);

    // Goal: damaged information is refused or misread, but never makes a fault. Method: a copy of libc's, behind which nothing is
    // mapped, with random bytes in it.
    [Fact]
    public void DamagedInformationDoesNoHarm()
    {
        ElfObject elf = Library("libc.so.6", out _);
        ulong address = (ulong)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "qsort_r");
        ulong bytes = Math.Min(elf.End - elf.UnwindIndex, 160_000);
        byte* room = OsMemory.Map((nuint)Bits.RoundUp((nuint)bytes, OsMemory.OsPage) + OsMemory.OsPage);
        byte* guard = room + Bits.RoundUp((nuint)bytes, OsMemory.OsPage);
        OsMemory.Unmap(guard, OsMemory.OsPage);
        byte* copy = guard - bytes;
        ulong shift = (ulong)copy - elf.UnwindIndex;
        var random = new Random(7);
        var damaged = new ElfObject { Start = (ulong)copy, End = (ulong)guard, UnwindIndex = (ulong)copy };
        int found = 0;
        const int Rounds = 300;
        for (int round = 0; round < Rounds; round++)
        {
            RawMemory.Copy((void*)elf.UnwindIndex, copy, (nuint)bytes);
            for (int i = 0; i < round * 40; i++) copy[random.Next((int)bytes)] = (byte)random.Next(256);
            for (int i = 0; i < 200; i++)
            {
                CfaProgram program = default;
                if (!EhFrame.TryFind(damaged, address + shift + (ulong)random.Next(200_000), ref program, out _)) continue;
                found++;
                FrameRule.TryMake(program.Row, damaged.End, out _);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{found} of {Rounds * 200} found something");
        Assert.True(found > Rounds, "the copy is not looked at");
    }
}
