using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace System.Numerics
{
    // The index of the highest bit that is set; the value must not be 0.
    static class HighestBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Of(uint value) => (int)X86Base.BitScanReverse(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Of(ulong value) => (int)X86Base.X64.BitScanReverse(value);
    }
}

namespace System.Runtime.Intrinsics.X86
{
    // ILC knows these by name and replaces them by `bsr`.
    static class X86Base
    {
        [Intrinsic]
        public static uint BitScanReverse(uint value) => BitScanReverse(value);

        public static class X64
        {
            [Intrinsic]
            public static ulong BitScanReverse(ulong value) => BitScanReverse(value);
        }
    }
}
