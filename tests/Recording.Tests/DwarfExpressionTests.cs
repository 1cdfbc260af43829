using System;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class DwarfExpressionTests
{
    static bool TryEvaluate(byte[] code, UnwindRegisters* registers, ulong? first, out ulong result)
    {
        byte[] block = [(byte)code.Length, .. code];
        fixed (byte* place = block)
        {
            SafeMemory memory = default;
            return DwarfExpression.TryEvaluate((ulong)place, (ulong)place + (ulong)block.Length, registers, first != null, first ?? 0, ref memory, out result);
        }
    }

    [Theory]
    [InlineData("35 33 1C", 2)]                         // lit5 lit3 minus
    [InlineData("35 33 16 1C", unchecked((ulong)-2))]   // swap
    [InlineData("08 FF", 255)]
    [InlineData("09 FF", ulong.MaxValue)]
    [InlineData("0A 34 12", 0x1234)]
    [InlineData("0B FE FF", unchecked((ulong)-2))]
    [InlineData("10 E5 8E 26", 624485)]
    [InlineData("11 9B F1 59", unchecked((ulong)-624485))]
    [InlineData("37 31 24", 14)]                        // shl
    [InlineData("38 09 FE 1B", unchecked((ulong)-4))]   // div
    [InlineData("38 33 1D", 2)]
    [InlineData("33 23 C8 01", 203)]                    // plus_uconst
    [InlineData("31 32 33 17 13", 1)]                   // rot: 3 1 2; drop
    [InlineData("31 32 33 15 02", 1)]                   // pick
    [InlineData("31 32 14", 1)]                         // over
    [InlineData("31 28 01 00 30 34", 4)]                // bra over lit0
    [InlineData("2F 01 00 30 34", 4)]                   // skip
    [InlineData("33 34 2D", 1)]                         // lt
    [InlineData("77 08", 1008)]                         // breg7 (rsp) 8
    [InlineData("77 08 80 00 3F 1A 3B 2A 33 24 22", 1016)]  // a stub of the procedure linkage table: rsp + 8, and 8 more behind its push
    public void OperationsComputeWhatTheStandardSays(string code, ulong expected)
    {
        UnwindRegisters registers = default;
        registers.Value[CfaRow.StackPointer] = 1000;
        registers.Value[CfaRow.ReturnAddress] = 15;
        Assert.True(TryEvaluate(Convert.FromHexString(code.Replace(" ", "", StringComparison.Ordinal)), &registers, null, out ulong result));
        Assert.Equal(expected, result);
    }

    [Fact]
    public void MemoryIsReadWhereItIsAndRefusedWhereItIsNot()
    {
        ulong word = 77;
        Assert.True(TryEvaluate([0x06], null, (ulong)&word, out ulong result));
        Assert.Equal(77UL, result);
        Assert.True(TryEvaluate([0x94, 1], null, (ulong)&word, out result));
        Assert.Equal(77UL, result);
        Assert.False(TryEvaluate([0x06], null, 8, out _));
        Assert.False(TryEvaluate([0x06], null, ulong.MaxValue - 3, out _));
    }

    [Theory]
    [InlineData("22")]                                  // too few operands
    [InlineData("31 30 1B")]                            // division by zero
    [InlineData("2F FD FF")]                            // a jump to itself
    [InlineData("2F 00 40")]                            // a jump out of the block
    [InlineData("0C 00")]                               // cut off
    [InlineData("F3")]
    public void WhatMakesNoSenseIsRefused(string code) =>
        Assert.False(TryEvaluate(Convert.FromHexString(code.Replace(" ", "", StringComparison.Ordinal)), null, null, out _));

    [Fact]
    public void RandomCodeEndsAndDoesNoHarm()
    {
        var random = new Random(3);
        UnwindRegisters registers = default;
        int computed = 0;
        byte[] code = new byte[60];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(code);
            if (TryEvaluate(code[..random.Next(1, 60)], &registers, 5, out _)) computed++;
        }
        Assert.True(computed > 0);
    }
}
