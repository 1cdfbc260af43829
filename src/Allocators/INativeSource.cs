namespace Lampyris;

/// <summary>
/// Where the values of some type come from instead of <see cref="GlobalAllocator"/>: what a C++ class says by an operator new of
/// its own. A type names its source by <see cref="IAllocatedFrom{TSource}"/>.
/// </summary>
public unsafe interface INativeSource
{
    /// <summary>A block of at least <paramref name="bytes"/> at a multiple of <paramref name="alignment"/>, a power of two; null when there is none. Any thread.</summary>
    static abstract void* Allocate(nuint bytes, nuint alignment);

    /// <summary>Takes back a block of <see cref="Allocate"/>; null does nothing. Any thread.</summary>
    static abstract void Deallocate(void* block);
}

/// <summary>
/// A type whose values `Native.New` takes from <typeparamref name="TSource"/>, and `Native.Delete` gives back there. Arrays come from
/// <see cref="GlobalAllocator"/> all the same, as in C++.
/// </summary>
/// <example><code>
/// struct Node : IAllocatedFrom&lt;NodeSource&gt; { … }
/// struct NodeSource : INativeSource { static readonly NativePool&lt;Node&gt; s_pool = new(); … }
/// </code></example>
public unsafe interface IAllocatedFrom<TSource> : IAllocatedElsewhere where TSource : INativeSource
{
    void* IAllocatedElsewhere.Allocate(nuint bytes, nuint alignment) => TSource.Allocate(bytes, alignment);
    void IAllocatedElsewhere.Deallocate(void* block) => TSource.Deallocate(block);
}

/// <summary>What <see cref="IAllocatedFrom{TSource}"/> is to code that does not know the source: not to be implemented otherwise.</summary>
public unsafe interface IAllocatedElsewhere
{
    internal void* Allocate(nuint bytes, nuint alignment);
    internal void Deallocate(void* block);
}

// The source that a type has named. Null for most, and a constant to optimized code: asking costs them nothing.
static class Elsewhere<T> where T : unmanaged
{
    public static readonly IAllocatedElsewhere? Source = default(T) as IAllocatedElsewhere;
}
