using System.Runtime.CompilerServices;

namespace System.Runtime.Intrinsics.X86;

// The one instruction that the heap wants and C# can't say. ILC makes it of the call; nothing calls the body.
public abstract class Sse
{
    public static bool IsSupported
    {
        [Intrinsic]
        get => IsSupported;
    }

    [Intrinsic]
    public static unsafe void Prefetch0(void* address) => Prefetch0(address);
}
