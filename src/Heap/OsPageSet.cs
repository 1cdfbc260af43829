using System.Numerics;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A set of the OS pages of one page, 0..63 counted from its start.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OsPageSet
{
    public const int Capacity = 64;

    ulong _members;

    public readonly bool IsEmpty => _members == 0;

    public readonly int Count => BitOperations.PopCount(_members);

    public readonly bool Has(int osPage) => (_members >> osPage & 1) != 0;

    public void Add(int osPage) => _members |= 1UL << osPage;

    public void Remove(int osPage) => _members &= ~(1UL << osPage);

    /// <summary>The lowest member of a set that is not empty.</summary>
    public readonly int First => BitOperations.TrailingZeroCount(_members);

    /// <summary>Whether any of the OS pages first..last is a member.</summary>
    public readonly bool HasAny(int first, int last) => (_members & Bits.Run(first, last - first + 1)) != 0;
}
