using System.Numerics;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A set of the OS pages of one page, 0..127 counted from its start.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OsPageSet
{
    public const int Capacity = 128;

    public ulong Low, High;

    public readonly bool IsEmpty => (Low | High) == 0;

    public readonly int Count => BitOperations.PopCount(Low) + BitOperations.PopCount(High);

    public readonly bool Has(int osPage) => ((osPage < 64 ? Low : High) >> (osPage & 63) & 1) != 0;

    public void Add(int osPage)
    {
        if (osPage < 64) Low |= 1UL << osPage;
        else High |= 1UL << osPage - 64;
    }

    public void Remove(int osPage)
    {
        if (osPage < 64) Low &= ~(1UL << osPage);
        else High &= ~(1UL << osPage - 64);
    }

    /// <summary>The lowest member of a set that is not empty.</summary>
    public readonly int First => Low != 0 ? BitOperations.TrailingZeroCount(Low) : 64 + BitOperations.TrailingZeroCount(High);

    /// <summary>Whether any of the OS pages first..last is a member.</summary>
    public readonly bool HasAny(int first, int last)
    {
        for (int osPage = first; osPage <= last; osPage++)
            if (Has(osPage)) return true;
        return false;
    }
}
