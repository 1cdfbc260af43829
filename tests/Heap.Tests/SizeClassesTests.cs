using Xunit;

namespace Lampyris.Tests;

public sealed class SizeClassesTests
{
    // Goal: `Of` is the exact inverse of `BlockBytes`. Method: every request size there is.
    [Fact]
    public void EveryRequestGetsTheSmallestBlockThatHoldsIt()
    {
        int expected = 0;
        for (nuint bytes = 1; bytes <= SizeClasses.MaxBytes; bytes++)
        {
            if (bytes > SizeClasses.BlockBytes(expected)) expected++;
            Assert.Equal(expected, SizeClasses.Of(bytes));
        }
        Assert.Equal(SizeClasses.Count - 1, expected);
        Assert.Equal(0, SizeClasses.Of(0));
    }

    [Fact]
    public void BlocksGrowFromClassToClassInMultiplesOfTheGranule()
    {
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            Assert.Equal(0u, SizeClasses.BlockBytes(i) % SizeClasses.Granule);
            if (i > 0) Assert.True(SizeClasses.BlockBytes(i) > SizeClasses.BlockBytes(i - 1));
        }
        Assert.Equal((uint)SizeClasses.MaxBytes, SizeClasses.BlockBytes(SizeClasses.Count - 1));
    }

    [Fact]
    public void Above128BytesNoRequestWastesMoreThanASixthOfItsBlock()
    {
        for (nuint bytes = 129; bytes <= SizeClasses.MaxBytes; bytes++)
        {
            uint block = SizeClasses.BlockBytes(SizeClasses.Of(bytes)), share = bytes <= SizeClasses.DirectMaxBytes ? 9u : 6u;
            Assert.True((block - bytes) * share <= block, $"{bytes} bytes in a block of {block}");
        }
    }

    [Fact]
    public void APowerOfTwoAndAHeaderWastesLittle()
    {
        for (nuint power = 256; power < SizeClasses.MaxBytes; power *= 2)
            Assert.Equal(power * 9 / 8, (nuint)SizeClasses.BlockBytes(SizeClasses.Of(power + 16)));
    }
}
