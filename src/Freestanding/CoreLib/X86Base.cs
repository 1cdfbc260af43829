namespace System.Runtime.Intrinsics.X86;

using System.Runtime.CompilerServices;

// The one instruction of x86 that `BitOperations` asks for by name. On another processor `IsSupported`
// is a constant false, and the code behind it is not compiled.
public abstract class X86Base
{
    public static bool IsSupported
    {
        [Intrinsic]
        get => IsSupported;
    }

    /// <summary>`bsr`: the index of the highest bit that is set; undefined for 0.</summary>
    [Intrinsic]
    internal static uint BitScanReverse(uint value) => BitScanReverse(value);

    public abstract class X64
    {
        /// <inheritdoc cref="X86Base.BitScanReverse"/>
        [Intrinsic]
        internal static ulong BitScanReverse(ulong value) => BitScanReverse(value);
    }
}
