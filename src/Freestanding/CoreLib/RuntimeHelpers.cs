namespace System.Runtime.CompilerServices;

public static class RuntimeHelpers
{
    /// <summary>What the compiler writes for `ReadOnlySpan&lt;int&gt; X => [1, 2, 3]`; ILC turns it into an address.</summary>
    [Intrinsic]
    public static ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle field) => CreateSpan<T>(field);

    [Intrinsic]
    public static bool IsReferenceOrContainsReferences<T>() => IsReferenceOrContainsReferences<T>();
}
