using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>A function of the malloc family.</summary>
/// <param name="Name">As the linker knows it.</param>
/// <param name="Group">The functions that a reader thinks of as one; also the row of a report.</param>
/// <param name="Title">As the programmer writes it.</param>
internal sealed record AllocationSymbol(string Name, string Group, string Title);

// The names that `inspect` looks for in symbol tables: the functions it reports on, what the linker's --wrap makes of
// them, the calls below them, and the names that give an allocator away (`AllocatorIdentity`).
internal static class AllocationSymbols
{
    public const string Malloc = "malloc", OperatorNew = "_Znwm";
    public const string AlignedGroup = "aligned", NewGroup = "operator new", DeleteGroup = "operator delete";

    public const string WrapPrefix = "__wrap_", RealPrefix = "__real_";

    /// <summary>All functions reported on; those of one group stand together, the plainest first.</summary>
    public static IReadOnlyList<AllocationSymbol> All { get; } =
    [
        new(Malloc, "malloc", "malloc"),
        new("free", "free", "free"),
        new("calloc", "calloc", "calloc"),
        new("realloc", "realloc", "realloc"),
        new("aligned_alloc", AlignedGroup, "aligned_alloc"),
        new("posix_memalign", AlignedGroup, "posix_memalign"),
        new("memalign", AlignedGroup, "memalign"),
        new("malloc_usable_size", "malloc_usable_size", "malloc_usable_size"),
        new(OperatorNew, NewGroup, "new"),
        new("_Znam", NewGroup, "new[]"),
        new("_ZnwmRKSt9nothrow_t", NewGroup, "new (nothrow)"),
        new("_ZnamRKSt9nothrow_t", NewGroup, "new[] (nothrow)"),
        new("_ZnwmSt11align_val_t", NewGroup, "new (align)"),
        new("_ZnamSt11align_val_t", NewGroup, "new[] (align)"),
        new("_ZnwmSt11align_val_tRKSt9nothrow_t", NewGroup, "new (align, nothrow)"),
        new("_ZnamSt11align_val_tRKSt9nothrow_t", NewGroup, "new[] (align, nothrow)"),
        new("_ZdlPv", DeleteGroup, "delete"),
        new("_ZdaPv", DeleteGroup, "delete[]"),
        new("_ZdlPvm", DeleteGroup, "delete (size)"),
        new("_ZdaPvm", DeleteGroup, "delete[] (size)"),
        new("_ZdlPvRKSt9nothrow_t", DeleteGroup, "delete (nothrow)"),
        new("_ZdaPvRKSt9nothrow_t", DeleteGroup, "delete[] (nothrow)"),
        new("_ZdlPvSt11align_val_t", DeleteGroup, "delete (align)"),
        new("_ZdaPvSt11align_val_t", DeleteGroup, "delete[] (align)"),
        new("_ZdlPvmSt11align_val_t", DeleteGroup, "delete (size, align)"),
        new("_ZdaPvmSt11align_val_t", DeleteGroup, "delete[] (size, align)"),
        new("_ZdlPvSt11align_val_tRKSt9nothrow_t", DeleteGroup, "delete (align, nothrow)"),
        new("_ZdaPvSt11align_val_tRKSt9nothrow_t", DeleteGroup, "delete[] (align, nothrow)"),
    ];

    static readonly FrozenDictionary<string, AllocationSymbol> s_byName = All.ToFrozenDictionary(symbol => symbol.Name, StringComparer.Ordinal);

    /// <summary>What an allocator takes memory from the kernel with, when it does so through the C library.</summary>
    public static IReadOnlyList<string> SystemCalls { get; } = ["sbrk", "brk", "mmap", "mmap64"];

    /// <summary>Every name worth finding in a symbol table.</summary>
    public static NameSet Watched { get; } = new(
    [
        .. All.Select(symbol => symbol.Name),
        .. All.Select(symbol => WrapPrefix + symbol.Name),
        .. All.Select(symbol => RealPrefix + symbol.Name),
        .. SystemCalls,
        .. AllocatorIdentity.Markers,
    ]);

    public static bool IsFunction(string name) => s_byName.ContainsKey(name);
}
