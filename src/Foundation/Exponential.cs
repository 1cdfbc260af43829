using System.Numerics;

namespace Lampyris;

// The exponential distribution, without a mathematical library: what sampling at random gaps needs.
public static class Exponential
{
    const double Ln2 = 0.69314718055994530942, Sqrt2 = 1.41421356237309504880;

    /// <summary>A value of mean 1 from 64 random bits.</summary>
    public static double Draw(ulong random)
    {
        // -ln of a uniform number in (0, 1]: leading zeros are its exponent, the 52 bits behind the first one its fraction.
        // The bits that make exponent and fraction are independent of each other only while there are enough of them.
        int exponent = BitOperations.LeadingZeroCount(random | 1UL << 11) + 1;
        double fraction = 1 + (double)(random << exponent >> 12) / (1L << 52);
        return fraction < Sqrt2 ? exponent * Ln2 - Ln(fraction) : (exponent - 1) * Ln2 - Ln(fraction / 2);
    }

    /// <summary>1 - e^-x for x from 0 on: the probability that an exponential gap of mean 1 ends within x.</summary>
    public static double Within(double x)
    {
        if (x > 40) return 1;
        int halvings = 0;
        for (; x > 0.5; x /= 2) halvings++;
        // 1 - e^-x = x - x^2/2! + x^3/3! - …, until a term is too small to count. Most are asked for small x, and take four.
        double result = x, term = x;
        for (int n = 2; term > x * 1e-17 || term < x * -1e-17; n++) result += term *= -x / n;
        // 1 - (e^-x)^2, from 1 - e^-x.
        for (; halvings != 0; halvings--) result *= 2 - result;
        return result;
    }

    // For x from the root of 1/2 to that of 2: ln x = 2 (z + z^3/3 + z^5/5 + …) with z = (x - 1) / (x + 1), of at most 0.172:
    // what comes after the last term here is less than 10^-17. Constants, since a division takes as long as a term.
    static double Ln(double x)
    {
        double z = (x - 1) / (x + 1), square = z * z;
        double sum = 1.0 / 19 + square * (1.0 / 21);
        sum = 1.0 / 15 + square * (1.0 / 17 + square * sum);
        sum = 1.0 / 11 + square * (1.0 / 13 + square * sum);
        sum = 1.0 / 7 + square * (1.0 / 9 + square * sum);
        sum = 1.0 / 3 + square * (1.0 / 5 + square * sum);
        return 2 * z * (1 + square * sum);
    }
}
