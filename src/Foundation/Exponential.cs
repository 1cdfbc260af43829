using System.Numerics;

namespace Lampyris;

// The exponential distribution, without a mathematical library: what sampling at random gaps needs.
public static class Exponential
{
    const double Ln2 = 0.69314718055994530942;

    /// <summary>A value of mean 1 from 64 random bits.</summary>
    public static double Draw(ulong random)
    {
        // -ln of a uniform number in (0, 1]: leading zeros are its exponent, the 52 bits behind the first one its fraction.
        // The bits that make exponent and fraction are independent of each other only while there are enough of them.
        int exponent = BitOperations.LeadingZeroCount(random | 1UL << 11) + 1;
        double fraction = 1 + (double)(random << exponent >> 12) / (1L << 52);
        return exponent * Ln2 - Ln(fraction);
    }

    /// <summary>1 - e^-x for x from 0 on: the probability that an exponential gap of mean 1 ends within x.</summary>
    public static double Within(double x)
    {
        if (x > 40) return 1;
        int halvings = 0;
        for (; x > 0.5; x /= 2) halvings++;
        // 1 - e^-x = x - x^2/2! + x^3/3! - …, summed from its small end.
        double result = 0;
        for (int n = 16; n >= 1; n--) result = x / n * (1 - result);
        // 1 - (e^-x)^2, from 1 - e^-x.
        for (; halvings != 0; halvings--) result *= 2 - result;
        return result;
    }

    // For 1 <= x < 2: ln x = 2 (z + z^3/3 + z^5/5 + …) with z = (x - 1) / (x + 1), at most 1/3.
    static double Ln(double x)
    {
        double z = (x - 1) / (x + 1), square = z * z, sum = 0;
        for (int n = 31; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
        return 2 * z * sum;
    }
}
