using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>A function that native code is in.</summary>
/// <param name="Name">readable</param>
/// <param name="File">empty where not known</param>
/// <param name="Line">0 where not known</param>
internal readonly record struct NativeFrame(string Name, string File, int Line);

// One program or library with all that is known of its functions: its own symbols, those of its debug file, and the
// compiler's description. Each part is read when an address first needs it.
internal sealed class SymbolFile
{
    readonly ElfFile _elf;
    readonly IByteArea _file;
    readonly string _path;
    readonly Dictionary<ulong, IReadOnlyList<NativeFrame>> _known = [];
    (IByteArea File, ElfFile Elf) _debug;
    ElfSymbolIndex? _symbols, _ownSymbols;
    PltIndex? _plt;
    DwarfFile? _dwarf;

    SymbolFile(string path, IByteArea file, ElfFile elf)
    {
        (_path, _file, _elf) = (path, file, elf);
        _debug = (_file, _elf);
    }

    /// <summary>Null when there is no such file, or when it is not the one with this build ID.</summary>
    /// <param name="buildId">as the process had it loaded; empty where that is not known</param>
    public static SymbolFile? Open(string path, ReadOnlySpan<byte> buildId)
    {
        if (MappedFile.Open(path) is not { } mapped) return null;
        if (Open(path, mapped, buildId) is { } file) return file;
        mapped.Dispose();
        return null;
    }

    internal static SymbolFile? Open(string path, IByteArea source, ReadOnlySpan<byte> buildId)
    {
        if (ElfFile.Read(source) is not { Is64Bit: true } elf) return null;
        return buildId.Length > 0 && !buildId.SequenceEqual(elf.ReadBuildId()) ? null : new SymbolFile(path, source, elf);
    }

    /// <summary>What is at an address before relocation, innermost first; empty where nothing is known.</summary>
    public IReadOnlyList<NativeFrame> Find(ulong address)
    {
        if (_known.TryGetValue(address, out var known)) return known;
        return _known[address] = Look(address);
    }

    List<NativeFrame> Look(ulong address)
    {
        ReadAll();
        List<DwarfFrame> described = _dwarf!.Find(address);
        var symbol = new Lazy<string>(() => SymbolAt(address));
        if (described.Count == 0) return symbol.Value.Length > 0 ? [new NativeFrame(Demangler.Readable(symbol.Value), "", 0)] : [];
        var frames = new List<NativeFrame>(described.Count);
        foreach (DwarfFrame frame in described)
        {
            // Only the function itself has a symbol, not what is inlined. Functions of one file have no linkage name in their
            // description, so no namespace and no parameters; their symbol has both.
            bool isFunction = frames.Count == described.Count - 1;
            string name = isFunction && !Demangler.IsMangled(frame.Name) && (frame.Name.Length == 0 || Demangler.IsMangled(symbol.Value)) ? symbol.Value : frame.Name;
            frames.Add(new NativeFrame(Demangler.Readable(name), frame.File, frame.Line));
        }
        if (frames[^1].Name.Length == 0) return [];
        for (int i = 0; i < frames.Count; i++)
            if (frames[i].Name.Length == 0) frames[i] = frames[i] with { Name = "[inlined]" };
        return frames;
    }

    string SymbolAt(ulong address)
    {
        string name = _symbols!.Find(address, _debug.Elf)?.Name ?? _ownSymbols?.Find(address, _elf)?.Name ?? "";
        if (name.Length > 0) return name;
        _plt ??= new PltIndex(_file, _elf);
        return _plt.Find(address) is { } imported ? imported + "@plt" : "";
    }

    void ReadAll()
    {
        if (_dwarf != null) return;
        bool hasInfo = false;
        foreach (ElfSection section in _elf.Sections) hasInfo |= section.Name == ".debug_info";
        if (!hasInfo && DebugFiles.Find(_path, _file, _elf) is { } found)
        {
            _debug = (found.File, found.Elf);
            _ownSymbols = new ElfSymbolIndex(_file, _elf);
        }
        _symbols = new ElfSymbolIndex(_debug.File, _debug.Elf);
        DwarfSections? alternate = DebugFiles.FindAlternate(_path, _debug.File, _debug.Elf) is { } shared ? new DwarfSections(shared.File, shared.Elf) : null;
        _dwarf = new DwarfFile(new DwarfSections(_debug.File, _debug.Elf) { Alternate = alternate });
    }
}
