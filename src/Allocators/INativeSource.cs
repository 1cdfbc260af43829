using System.Diagnostics.CodeAnalysis;

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
public interface IAllocatedFrom<TSource> : IAllocatedElsewhere where TSource : INativeSource
{
    ElsewhereSource IAllocatedElsewhere.Source => new ElsewhereSource<TSource>();
}

/// <summary>What <see cref="IAllocatedFrom{TSource}"/> is to code that does not know the source: not to be implemented otherwise.</summary>
public interface IAllocatedElsewhere
{
    internal ElsewhereSource Source { get; }
}

/// <summary>The blocks of an allocator as a source: <c>IAllocatedFrom&lt;AllocatorSource&lt;GuardedAllocator&gt;&gt;</c>. One for the process, of each allocator.</summary>
[SuppressMessage("Design", "CA1000", Justification = "The interface's members are static: who names the type calls them through it.")]
public unsafe struct AllocatorSource<TAllocator> : INativeSource where TAllocator : unmanaged, IMemoryAllocator
{
    static TAllocator s_allocator = new();

    /// <inheritdoc/>
    public static void* Allocate(nuint bytes, nuint alignment) => s_allocator.AllocateAligned(alignment, bytes);

    /// <inheritdoc/>
    public static void Deallocate(void* block) => s_allocator.Deallocate(block);
}

// A source behind a call. Whoever holds one in a static readonly field holds its type, too: then optimized code calls the source
// itself, or has it inlined.
abstract unsafe class ElsewhereSource
{
    public abstract void* Allocate(nuint bytes, nuint alignment);
    public abstract void Deallocate(void* block);
}

sealed unsafe class ElsewhereSource<TSource> : ElsewhereSource where TSource : INativeSource
{
    public override void* Allocate(nuint bytes, nuint alignment) => TSource.Allocate(bytes, alignment);
    public override void Deallocate(void* block) => TSource.Deallocate(block);
}

// The source that a type has named. Null for most, and a constant to optimized code: asking costs them nothing.
static class Elsewhere<T> where T : unmanaged
{
    public static readonly ElsewhereSource? Source = (default(T) as IAllocatedElsewhere)?.Source;
}
