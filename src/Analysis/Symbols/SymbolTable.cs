using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Lampyris.Analysis;

/// <summary>A program or library in the address space of a process.</summary>
/// <param name="Start">first address</param>
/// <param name="End">behind the last address</param>
/// <param name="Bias">what to take off an address for the file's own</param>
/// <param name="Path">of the file</param>
/// <param name="BuildId">raw bytes; empty where not known</param>
public sealed record SymbolModule(ulong Start, ulong End, ulong Bias, string Path, byte[] BuildId);

/// <summary>Names for the return addresses on the stacks of one process.</summary>
public interface ISymbolSource
{
    /// <summary>The functions at a return address, innermost first: more than one where some are inlined, never none.</summary>
    IReadOnlyList<Frame> Resolve(ulong address);
}

/// <summary>Names from the files of the modules, and from what the .NET runtime said. Nothing is read before it is needed.</summary>
public sealed class SymbolTable : ISymbolSource
{
    readonly List<SymbolModule> _modules; // sorted by start
    readonly DotNetTrace? _trace;
    readonly Dictionary<ulong, IReadOnlyList<Frame>> _known = [];
    readonly Dictionary<SymbolModule, SymbolFile?> _files = [];
    readonly List<string> _remarks = [];
    bool _toldOfCpp;
    readonly Dictionary<string, PortablePdb?> _pdbs = new(StringComparer.Ordinal);

    public SymbolTable(IEnumerable<SymbolModule> modules, DotNetTrace? trace = null)
    {
        _modules = [.. modules];
        _modules.Sort((a, b) => a.Start.CompareTo(b.Start));
        _trace = trace;
    }

    /// <summary>What a reader of the names should know, a line each: which files could not be used, what is missing on this system.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <inheritdoc/>
    public IReadOnlyList<Frame> Resolve(ulong address)
    {
        if (_known.TryGetValue(address, out var known)) return known;
        return _known[address] = Look(address);
    }

    Frame[] Look(ulong address)
    {
        if (address == 0) return [new Frame("0x0", "", "", 0, FrameKind.Unknown)];
        // A return address is behind the call: it may be the next line's, or the next function's.
        ulong call = address - 1;
        SymbolModule? module = ModuleAt(call);
        // An assembly is no ELF file: its methods are the runtime's to name.
        SymbolFile? file = module is null ? null : FileOf(module);
        if (file is null && _trace?.Find(call) is { } method) return [ManagedFrame(method, call, module)];
        if (module is null) return [new Frame(string.Create(CultureInfo.InvariantCulture, $"0x{address:x}"), "", "", 0, FrameKind.Unknown)];

        string library = FileName(module.Path);
        bool isRuntime = RuntimeLibraries.Contains(library);
        IReadOnlyList<NativeFrame> found = file?.Find(call - module.Bias) ?? [];
        if (found.Count == 0)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{library}+0x{address - module.Bias:x}");
            return [new Frame(name, library, "", 0, isRuntime ? FrameKind.Runtime : FrameKind.Unknown)];
        }
        if (!Demangler.KnowsCpp && !_toldOfCpp && Demangler.IsMangled(found[0].Name))
        {
            _toldOfCpp = true;
            _remarks.Add("libstdc++.so.6 is not installed: C++ names stay as the linker has them");
        }
        var frames = new Frame[found.Count];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = new Frame(found[i].Name, library, found[i].File, found[i].Line, isRuntime ? FrameKind.Runtime : FrameKind.Native);
        return frames;
    }

    Frame ManagedFrame(DotNetMethod method, ulong call, SymbolModule? mapped)
    {
        DotNetModule module = _trace!.ModuleOf(method);
        bool isStub = MethodText.IsStub(method.Name);
        string path = module.Path.Length > 0 ? module.Path : mapped?.Path ?? "";
        (string file, int line) = isStub || module.Path.Length == 0 ? ("", 0) : LineOf(module, method, call);
        return new Frame(_trace.NameOf(method), isStub ? "" : FileName(path), file, line, isStub ? FrameKind.Runtime : FrameKind.Managed);
    }

    (string File, int Line) LineOf(DotNetModule module, DotNetMethod method, ulong call)
    {
        if (!_pdbs.TryGetValue(module.Path, out PortablePdb? pdb)) _pdbs[module.Path] = pdb = PortablePdb.Open(module.Path, module.PdbId);
        return pdb?.Find(method.Token, method.IlAt(call)) ?? ("", 0);
    }

    SymbolModule? ModuleAt(ulong address)
    {
        int low = 0, high = _modules.Count - 1, last = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_modules[middle].Start <= address) (last, low) = (middle, middle + 1);
            else high = middle - 1;
        }
        // Modules of a process don't overlap at one time, but one may have been unloaded and another one loaded in its place.
        for (int i = last; i >= 0 && i > last - 8; i--)
            if (address < _modules[i].End) return _modules[i];
        return null;
    }

    SymbolFile? FileOf(SymbolModule module)
    {
        if (_files.TryGetValue(module, out SymbolFile? file)) return file;
        file = SymbolFile.Open(module.Path, module.BuildId);
        if (file is null && SymbolFile.Open(module.Path, []) is not null)
            _remarks.Add($"{module.Path} is another build than the one that ran: its functions have no names");
        return _files[module] = file;
    }

    static string FileName(string path) => Path.GetFileName(path);
}
