using System;
using Xunit;

namespace Lampyris.Tests;

public sealed class BitsTests
{
    static int FindRunNaively(ulong mask, int count, int alignment)
    {
        for (int first = 0; first + count <= 64; first += alignment)
        {
            int length = 0;
            while (length < count && (mask >> (first + length) & 1) != 0) length++;
            if (length == count) return first;
        }
        return -1;
    }

    [Fact]
    public void FindRunFindsWhatANaiveSearchFinds()
    {
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            // From sparse to dense.
            ulong mask = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            for (int k = random.Next(4); k > 0; k--) mask |= (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            int count = random.Next(1, 65), alignment = 1 << random.Next(6);
            if (i % 3 == 0) count = random.Next(1, 6);
            Assert.Equal(FindRunNaively(mask, count, alignment), Bits.FindRun(mask, count, alignment));
        }
        for (int count = 1; count <= 64; count++)
        {
            Assert.Equal(0, Bits.FindRun(ulong.MaxValue, count, 1));
            Assert.Equal(-1, Bits.FindRun(0, count, 1));
        }
    }

    [Fact]
    public void ARunHasItsLength()
    {
        for (int first = 0; first < 64; first++)
            for (int count = 1; first + count <= 64; count++)
            {
                Assert.Equal(count, Bits.RunLength(Bits.Run(first, count), first));
                Assert.Equal(first, Bits.FindRun(Bits.Run(first, count), count, 1));
            }
    }

    [Theory]
    [InlineData(0, 16, 0, 0)]
    [InlineData(1, 16, 16, 0)]
    [InlineData(16, 16, 16, 16)]
    [InlineData(4097, 4096, 8192, 4096)]
    public void RoundingGoesToTheNextMultiple(int value, int unit, int up, int down)
    {
        Assert.Equal((nuint)up, Bits.RoundUp((nuint)value, (nuint)unit));
        Assert.Equal((nuint)down, Bits.RoundDown((nuint)value, (nuint)unit));
    }
}
