using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>Why a file is in a process.</summary>
internal enum LoadReason
{
    /// <summary>It is the program, or the library that was asked about.</summary>
    Subject,

    /// <summary>LD_PRELOAD or /etc/ld.so.preload names it, or it stands where only such files stand.</summary>
    Preloaded,

    /// <summary>Another one needs it.</summary>
    Needed,

    /// <summary>The program's dynamic loader.</summary>
    Loader,

    /// <summary>Loaded while the program runs, by dlopen.</summary>
    Opened,
}

/// <summary>How a file has a function.</summary>
internal enum DefinitionKind
{
    None,
    Strong,

    /// <summary>The linker prefers a strong one; to the loader it makes no difference.</summary>
    Weak,

    /// <summary>Linked in, but not for others to bind to.</summary>
    Hidden,
}

/// <summary>What a process's slot holds.</summary>
internal enum SlotState
{
    /// <summary>The slot is of a file, not of a process.</summary>
    Unknown,

    /// <summary>The function's address.</summary>
    Resolved,

    /// <summary>Still the way to the loader: the function was not called yet.</summary>
    Pending,

    /// <summary>Nothing defines it, or the loader has not come to it.</summary>
    Empty,
}

/// <param name="TargetAddress">What it holds; 0 when that is not known.</param>
/// <param name="TargetPath">The file in which that lies; empty when in none.</param>
internal readonly record struct SlotUse(ElfSlot Slot, SlotState State, ulong TargetAddress, string TargetPath);

// A program or library as far as memory goes: what it brings, what it imports, how it binds.
internal sealed class LoadedObject
{
    readonly Dictionary<string, ElfSymbol> _exported = new(StringComparer.Ordinal);
    readonly HashSet<string> _hidden = new(StringComparer.Ordinal);

    public required string Path { get; init; }
    public string FileName => System.IO.Path.GetFileName(Path);
    public required ElfFile Elf { get; init; }

    /// <summary>The directory that it calls $ORIGIN: of a library that of its path, of a program that of the file links lead to.</summary>
    public string Origin
    {
        get => field ?? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/";
        set;
    }

    /// <summary>Null for a static program.</summary>
    public required ElfDynamic? Dynamic { get; init; }

    public LoadReason Reason { get; set; }

    /// <summary>What named a preloaded file: the variable, or the loader's file; empty where neither can be seen any more.</summary>
    public string Preloader { get; set; } = "";

    /// <summary>The first one that needs it; null for the others.</summary>
    public LoadedObject? NeededBy { get; set; }

    /// <summary>What is added to its addresses in the process; null for a file.</summary>
    public ulong? Bias { get; set; }

    /// <summary>The words that hold the addresses of functions it calls.</summary>
    public IReadOnlyList<SlotUse> Slots { get; set; } = [];

    /// <summary>True when the table of all symbols is gone; what is exported is to be seen all the same.</summary>
    public bool IsStripped { get; private init; }

    /// <summary>The allocator inside; null when it has none, or one that nothing gives away.</summary>
    public KnownAllocator? Allocator { get; private set; }

    /// <summary>The names of `--wrap` in it, with whether they are defined.</summary>
    public IReadOnlyDictionary<string, bool> Wraps { get; private set; } = new Dictionary<string, bool>();

    /// <summary>The functions for memory from the kernel that it imports.</summary>
    public IReadOnlyList<string> ImportedCalls { get; private set; } = [];

    /// <summary>Null when the source is no ELF file of a machine like this one.</summary>
    public static LoadedObject? Read(IByteSource file, string path)
    {
        if (ElfFile.Read(file) is not { Is64Bit: true } elf || elf.Machine != ElfFile.HostMachine) return null;
        var dynamic = ElfDynamic.Read(file, elf, AllocationSymbols.Watched);
        IReadOnlyCollection<ElfSymbol> full = ElfSymbols.ReadFull(file, elf, AllocationSymbols.Watched);
        var found = new LoadedObject { Path = path, Elf = elf, Dynamic = dynamic, IsStripped = elf.FullTable is null };
        found.Sort(full);
        if (found.IsStatic && found.IsStripped) found.Allocator = AllocatorIdentity.OfTexts(file);
        return found;
    }

    /// <summary>The same from memory, where only the dynamic part is.</summary>
    public static LoadedObject? ReadImage(IByteSource memory, ElfFile elf, ulong bias, string path)
    {
        if (ElfDynamic.ReadImage(memory, elf, bias, AllocationSymbols.Watched) is not { } dynamic) return null;
        var found = new LoadedObject { Path = path, Elf = elf, Dynamic = dynamic, IsStripped = true };
        found.Sort([]);
        return found;
    }

    void Sort(IReadOnlyCollection<ElfSymbol> full)
    {
        var wraps = new Dictionary<string, bool>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var calls = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ElfSymbol symbol in Dynamic?.Symbols ?? [])
        {
            if (symbol.IsDefined && !symbol.IsHidden) _exported.TryAdd(symbol.Name, symbol);
            if (!symbol.IsDefined && AllocationSymbols.SystemCalls.Contains(symbol.Name)) calls.Add(symbol.Name);
        }
        foreach (ElfSymbol symbol in full.Concat(Dynamic?.Symbols ?? []))
        {
            if (symbol.IsDefined) names.Add(symbol.Name);
            if (symbol.IsDefined && !_exported.ContainsKey(symbol.Name)) _hidden.Add(symbol.Name);
            if (symbol.Name.StartsWith(AllocationSymbols.WrapPrefix, StringComparison.Ordinal))
                wraps[symbol.Name] = symbol.IsDefined || wraps.GetValueOrDefault(symbol.Name);
        }
        Wraps = wraps;
        ImportedCalls = [.. calls];
        if (DefinesMalloc || IsStatic || wraps.Count > 0) Allocator = AllocatorIdentity.Of(names, FileName);
        Slots = [.. (Dynamic?.Slots ?? []).Where(slot => IsReported(slot.Name)).Select(slot => new SlotUse(slot, SlotState.Unknown, 0, ""))];
    }

    static bool IsReported(string name) =>
        AllocationSymbols.IsFunction(name) || name.StartsWith(AllocationSymbols.WrapPrefix, StringComparison.Ordinal);

    public bool DefinesMalloc => Definition(AllocationSymbols.Malloc) != DefinitionKind.None;

    public DefinitionKind Definition(string name) =>
        _exported.TryGetValue(name, out ElfSymbol symbol) ? symbol.Binding == ElfBinding.Weak ? DefinitionKind.Weak : DefinitionKind.Strong
        : _hidden.Contains(name) ? DefinitionKind.Hidden
        : DefinitionKind.None;

    public bool Exports(string name) => _exported.ContainsKey(name);

    /// <summary>The final address of a function it exports, in a process; null otherwise.</summary>
    public ulong? AddressOf(string name) => Bias is { } bias && _exported.TryGetValue(name, out ElfSymbol symbol) ? bias + symbol.Address : null;

    public bool Imports(string name) => Slots.Any(use => use.Slot.Name == name);

    /// <summary>True when calls are bound at the start; meaningless without imports by the PLT.</summary>
    public bool IsBindNow => Dynamic is { IsBindNow: true };

    /// <summary>True for a program with no loader: all it calls is linked in. One that may lie anywhere (-static-pie) has a dynamic part all the same.</summary>
    public bool IsStatic => Dynamic is null || Dynamic.IsPie && Elf.Interpreter.Length == 0 && Dynamic.Needed.Count == 0;

    /// <summary>True when the file is one to be executed: libc.so.6, which can be too, counts as a library.</summary>
    public bool IsProgram => Dynamic is null || Elf.Type == ElfFile.TypeExecutable || Dynamic.IsPie || Elf.Interpreter.Length > 0 && Dynamic.Soname.Length == 0;

    /// <summary>True when a library is known by this name: its own, or its file's.</summary>
    public bool Answers(string needed) => needed == Path || needed == FileName || Dynamic is { Soname.Length: > 0 } dynamic && dynamic.Soname == needed;
}
