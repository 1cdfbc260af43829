using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime.CompilerHelpers
{
    // Where ILC sends code that would throw in ordinary .NET: nothing could catch it here, and going on
    // would be worse than stopping.
    internal static class ThrowHelpers
    {
        [RuntimeImport("*", "abort"), MethodImpl(MethodImplOptions.InternalCall)]
        internal static extern void Fail();

        static void ThrowOverflowException() => Fail();
        static void ThrowIndexOutOfRangeException() => Fail();
        static void ThrowNullReferenceException() => Fail();
        static void ThrowDivideByZeroException() => Fail();
        static void ThrowArrayTypeMismatchException() => Fail();
        static void ThrowPlatformNotSupportedException() => Fail();
        static void ThrowTypeLoadException() => Fail();
        static void ThrowArgumentException() => Fail();
        static void ThrowArgumentOutOfRangeException() => Fail();
        static void ThrowInvalidProgramException() => Fail();
    }

    // ILC looks this class up by name; nothing of a start-up is needed.
    internal static class StartupCodeHelpers { }
}
