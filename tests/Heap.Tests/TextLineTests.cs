using System.Text;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class TextLineTests
{
    static string Text(in TextLine line)
    {
        byte* bytes = stackalloc byte[TextLine.MaxBytes];
        return Encoding.UTF8.GetString(bytes, line.CopyTo(bytes));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(9, "9")]
    [InlineData(10, "10")]
    [InlineData(-1, "-1")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    public void NumbersReadAsUsual(long value, string expected)
    {
        TextLine line = default;
        line.AppendDecimal(value);
        Assert.Equal(expected, Text(line));
    }

    [Theory]
    [InlineData(0, "0x0")]
    [InlineData(0x1f, "0x1f")]
    [InlineData(ulong.MaxValue, "0xffffffffffffffff")]
    public void AddressesReadAsUsual(ulong value, string expected)
    {
        TextLine line = default;
        line.AppendHex(value);
        Assert.Equal(expected, Text(line));
    }

    [Fact]
    public void WhatDoesNotFitIsCut()
    {
        TextLine line = default;
        for (int i = 0; i < 100; i++) line.Append("abcdefg"u8);
        Assert.Equal(TextLine.MaxBytes, line.Length);
        Assert.StartsWith("abcdefgabc", Text(line));
    }

    [Fact]
    public void ACStringIsAppendedAndNullIsNothing()
    {
        TextLine line = default;
        line.Append((byte*)null);
        fixed (byte* text = "xyz\0no"u8) line.Append(text);
        Assert.Equal("xyz", Text(line));
    }
}
