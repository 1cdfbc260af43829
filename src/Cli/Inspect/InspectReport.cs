using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Cli;

/// <summary>A program, library or process can't be inspected: the message is one line for the user.</summary>
internal sealed class InspectException(string message) : Exception(message);

internal enum SubjectKind { Program, StaticProgram, Library, Process }

/// <summary>Who serves one function.</summary>
/// <param name="Server">Null when nobody does.</param>
/// <param name="Why">Why this one and no other; empty when nobody does.</param>
/// <param name="Definers">All that define it, in load order; the server is among them.</param>
internal sealed record SymbolReport(AllocationSymbol Symbol, LoadedObject? Server, string Why, IReadOnlyList<LoadedObject> Definers);

// What `inspect` found: the files in load order, and out of that who serves each function. A pure step: nothing is read
// here any more.
internal sealed class InspectReport
{
    public required SubjectKind Kind { get; init; }

    /// <summary>What to call it in a title.</summary>
    public required string Title { get; init; }

    public int? ProcessId { get; init; }

    /// <summary>In the order in which the loader looks for symbols; the subject is the first.</summary>
    public required IReadOnlyList<LoadedObject> Objects { get; init; }

    public IReadOnlyList<string> MissingLibraries { get; init; } = [];

    /// <summary>True when LD_BIND_NOW is set.</summary>
    public bool IsBindNowSet { get; init; }

    /// <summary>What memory there is behind the heap; empty where it is no process.</summary>
    public IReadOnlyList<MemoryArea> Areas { get; init; } = [];

    /// <summary>Whatever limits what can be said, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Every function of `AllocationSymbols.All`, in that order.</summary>
    public IReadOnlyList<SymbolReport> Symbols => field ??= [.. AllocationSymbols.All.Select(Resolve)];

    public LoadedObject Subject => Objects[0];

    public SymbolReport Of(string name) => Symbols.First(each => each.Symbol.Name == name);

    /// <summary>True when the file's calls are bound at the start: it asks for that, the user does, or its loader knows nothing else, as musl's.</summary>
    public bool IsBoundAtStart(LoadedObject each) => each.IsBindNow || IsBindNowSet || Subject.Elf.Interpreter.Contains(LibrarySearch.MuslLoader, StringComparison.Ordinal);

    /// <summary>True for a static program without symbols: who serves what can't be seen.</summary>
    public bool IsOpaque => Subject.IsStatic && Subject.IsStripped;

    /// <summary>True when the linker's `--wrap` leads the subject's calls of this function elsewhere, as far as that is to be seen.</summary>
    public bool IsWrapped(string name) => Subject.Wraps.ContainsKey(AllocationSymbols.WrapPrefix + name);

    /// <summary>
    /// The loader takes the first in its order; weak or strong does not matter to it. A function that is linked into
    /// the program but not exported serves the program alone. In a process, what the slots hold is the better witness.
    /// </summary>
    SymbolReport Resolve(AllocationSymbol symbol)
    {
        string name = symbol.Name;
        List<LoadedObject> definers = [.. Objects.Where(each => each.Definition(name) != DefinitionKind.None)];
        LoadedObject? first = definers.Find(each => each.Exports(name));
        bool isOwn = Subject.Definition(name) == DefinitionKind.Hidden && !Subject.Imports(name);
        if (isOwn)
            return new SymbolReport(symbol, Subject, Subject.IsStatic ? "linked in" : "linked in, for its own calls only", definers);
        if (Witness(name) is { } seen && seen != first) return new SymbolReport(symbol, seen, "what the slots of the process hold", definers);
        return new SymbolReport(symbol, first, first is null ? "" : Why(first, definers.FindAll(each => each.Exports(name))), definers);
    }

    /// <summary>The path of the file a slot leads to: seen in a process, else what the loader would choose. Empty: none.</summary>
    public string TargetOf(LoadedObject owner, in SlotUse use)
    {
        if (use.State == SlotState.Resolved) return use.TargetPath;
        if (use.State == SlotState.Empty) return "";
        string name = use.Slot.Name;
        bool isOwn = owner.Dynamic is { IsSymbolic: true } && owner.Exports(name);
        return (isOwn ? owner : Objects.FirstOrDefault(each => each.Exports(name)))?.Path ?? "";
    }

    /// <summary>The file that the first resolved slot of the function points into; null when none is resolved.</summary>
    LoadedObject? Witness(string name)
    {
        foreach (LoadedObject each in Objects)
            foreach (SlotUse use in each.Slots)
                if (use.Slot.Name == name && use.State == SlotState.Resolved && Objects.FirstOrDefault(other => other.Path == use.TargetPath) is { } target
                    && (each.Dynamic is not { IsSymbolic: true } || target != each)) return target;
        return null;
    }

    string Why(LoadedObject first, List<LoadedObject> exporters)
    {
        if (exporters.Count == 1) return "the only definition";
        string others = exporters.Count == 2 ? exporters[1].FileName : $"{exporters.Count - 1} others";
        return first.Reason switch
        {
            LoadReason.Subject when Kind == SubjectKind.Library => $"its own; before {others}",
            LoadReason.Subject => $"the program's own; before {others}",
            LoadReason.Preloaded when first.Preloader.Length == 0 => $"preloaded, before {others}",
            LoadReason.Preloaded => $"{first.Preloader} puts it before {others}",
            _ => $"loaded before {others}",
        };
    }
}
