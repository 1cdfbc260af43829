using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace System.Numerics
{
    // The index of the highest bit that is set; the value must not be 0.
    static class HighestBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Of(uint value) => 31 - ArmBase.LeadingZeroCount(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Of(ulong value) => 63 - ArmBase.Arm64.LeadingZeroCount(value);
    }
}

namespace System.Runtime.Intrinsics.Arm
{
    // ILC knows these by name and replaces them by `clz`.
    static class ArmBase
    {
        [Intrinsic]
        public static int LeadingZeroCount(uint value) => LeadingZeroCount(value);

        public static class Arm64
        {
            [Intrinsic]
            public static int LeadingZeroCount(ulong value) => LeadingZeroCount(value);
        }
    }
}
