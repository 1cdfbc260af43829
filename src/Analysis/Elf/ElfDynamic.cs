using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>How a symbol is bound when several files define it.</summary>
internal enum ElfBinding { Local = 0, Global = 1, Weak = 2, Unique = 10 }

/// <summary>A symbol with one of the names looked for.</summary>
/// <param name="Address">Before relocation; 0 when not defined.</param>
/// <param name="IsHidden">Defined, but no other file can bind to it.</param>
internal readonly record struct ElfSymbol(string Name, bool IsDefined, ElfBinding Binding, bool IsHidden, ulong Address);

internal enum ElfSlotKind
{
    /// <summary>R_*_JUMP_SLOT: a call through the PLT; may be left until the first call.</summary>
    Plt,

    /// <summary>R_*_GLOB_DAT: the function's address in the GOT, always filled in at the start.</summary>
    Got,

    /// <summary>R_X86_64_64 or R_AARCH64_ABS64: a pointer in data, always filled in at the start.</summary>
    Data,
}

/// <summary>A word that the loader fills with a function's address.</summary>
/// <param name="Address">Before relocation.</param>
internal readonly record struct ElfSlot(string Name, ElfSlotKind Kind, ulong Address);

// What the dynamic loader reads of a file: which libraries it needs and where they may be, what it defines and imports
// of a few names, and the words that wait for an address. Needs no section table, since the loader has none either, so
// that a stripped file, or an image in another process, reads the same. As in `ElfFile` nothing is trusted.
internal sealed class ElfDynamic
{
    const int EntryBytes = 16, RelocationBytes = 24;
    const int MaxEntries = 4096, MaxNeeded = 1024, MaxStringBytes = 4096;
    const uint MaxSymbols = 1 << 22;
    const ulong MaxRelocations = 1 << 23;
    const ulong TagNeeded = 1, TagPltBytes = 2, TagHash = 4, TagStrings = 5, TagSymbols = 6, TagRela = 7, TagRelaBytes = 8,
        TagStringBytes = 10, TagSoname = 14, TagRPath = 15, TagSymbolic = 16, TagDebug = 21, TagPlt = 23, TagBindNow = 24,
        TagRunPath = 29, TagFlags = 30, TagGnuHash = 0x6FFF_FEF5, TagFlags1 = 0x6FFF_FFFB;
    const ulong FlagSymbolic = 2, FlagBindNow = 8, Flag1Now = 1, Flag1NoDefaultLibraries = 0x800, Flag1Pie = 0x0800_0000;

    readonly IByteSource _source;
    readonly ElfFile _elf;
    readonly ulong? _bias;              // of an image; null for a file
    readonly Dictionary<ulong, ulong> _values = [];
    readonly List<ulong> _needed = [];

    ElfDynamic(IByteSource source, ElfFile elf, ulong? bias) => (_source, _elf, _bias) = (source, elf, bias);

    /// <summary>The names of the libraries it needs, in its order, which is the order they are loaded in.</summary>
    public IReadOnlyList<string> Needed { get; private set; } = [];

    public string Soname { get; private set; } = "";

    /// <summary>Where to look for what it needs: DT_RPATH counts for whatever it loads too, and only where there is no DT_RUNPATH.</summary>
    public string RPath { get; private set; } = "";
    public string RunPath { get; private set; } = "";

    /// <summary>True when all its calls are bound at the start (-z now), false when at the first call (lazy).</summary>
    public bool IsBindNow { get; private set; }

    /// <summary>True when its own definitions come before all others for itself (-Bsymbolic).</summary>
    public bool IsSymbolic { get; private set; }

    public bool IsPie { get; private set; }
    public bool HasNoDefaultLibraries { get; private set; }

    /// <summary>The address, before relocation, of the word that leads to the loader's list of libraries. Null when there is none.</summary>
    public ulong? DebugWord { get; private set; }

    /// <summary>The dynamic symbols with a name of the set.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; private set; } = [];

    public IReadOnlyList<ElfSlot> Slots { get; private set; } = [];

    /// <summary>Null when the file has no dynamic part that makes sense, as a static program.</summary>
    public static ElfDynamic? Read(IByteSource file, ElfFile elf, NameSet names)
    {
        var dynamic = new ElfDynamic(file, elf, null);
        return dynamic.ReadAll(names) ? dynamic : null;
    }

    /// <summary>The same of an image in memory whose addresses all have <paramref name="bias"/> added.</summary>
    public static ElfDynamic? ReadImage(IByteSource memory, ElfFile elf, ulong bias, NameSet names)
    {
        var dynamic = new ElfDynamic(memory, elf, bias);
        return dynamic.ReadAll(names) ? dynamic : null;
    }

    bool ReadAll(NameSet names)
    {
        if (!ReadEntries()) return false;
        if (!_values.TryGetValue(TagStrings, out ulong strings) || Locate(Unbiased(strings)) is not { } stringsAt) return false;
        ulong stringBytes = _values.GetValueOrDefault(TagStringBytes);

        var needed = new List<string>();
        foreach (ulong name in _needed)
            if (Text(stringsAt, stringBytes, name) is { Length: > 0 } text) needed.Add(text);
        Needed = needed;
        string Named(ulong tag) => _values.TryGetValue(tag, out ulong at) ? Text(stringsAt, stringBytes, at) : "";
        (Soname, RPath, RunPath) = (Named(TagSoname), Named(TagRPath), Named(TagRunPath));
        ulong flags = _values.GetValueOrDefault(TagFlags), flags1 = _values.GetValueOrDefault(TagFlags1);
        IsBindNow = _values.ContainsKey(TagBindNow) || (flags & FlagBindNow) != 0 || (flags1 & Flag1Now) != 0;
        IsSymbolic = _values.ContainsKey(TagSymbolic) || (flags & FlagSymbolic) != 0;
        IsPie = (flags1 & Flag1Pie) != 0;
        HasNoDefaultLibraries = (flags1 & Flag1NoDefaultLibraries) != 0;

        if (!_values.TryGetValue(TagSymbols, out ulong symbols) || Locate(Unbiased(symbols)) is not { } symbolsAt) return true;
        ReadSymbols(names, symbolsAt, stringsAt, stringBytes);
        return true;
    }

    bool ReadEntries()
    {
        if (_elf.Dynamic is not { } section || Locate(section.Address) is not { } start) return false;
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (ulong i = 0; i < Math.Min(section.Bytes / EntryBytes, MaxEntries); i++)
        {
            if (!ElfFile.TryAdd(start, i * EntryBytes, out ulong at) || !_source.Read(at, entry)) return false;
            ulong tag = BinaryPrimitives.ReadUInt64LittleEndian(entry), value = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            if (tag == 0) break;
            if (tag == TagNeeded && _needed.Count < MaxNeeded) _needed.Add(value);
            else _values[tag] = value;
            if (tag == TagDebug) DebugWord = section.Address + i * EntryBytes + 8;
        }
        return true;
    }

    /// <summary>Where in the source an address lies; null for one that no segment has bytes for.</summary>
    ulong? Locate(ulong address)
    {
        if (_bias is { } bias) return address + bias;
        foreach ((ulong offset, ulong start, ulong bytes) in _elf.Segments)
            if (address >= start && address - start < bytes) return offset + (address - start);
        return null;
    }

    /// <summary>glibc adds the bias to the addresses of the dynamic section in memory, other loaders do not.</summary>
    ulong Unbiased(ulong address) => _bias is { } bias && address >= bias ? address - bias : address;

    string Text(ulong stringsAt, ulong stringBytes, ulong name)
    {
        if (name >= stringBytes || !ElfFile.TryAdd(stringsAt, name, out ulong at)) return "";
        byte[] text = new byte[MaxStringBytes];
        int length = (int)Math.Min(MaxStringBytes, stringBytes - name);
        while (length > 0 && !_source.Read(at, text.AsSpan(0, length))) length /= 2;
        int end = text.AsSpan(0, length).IndexOf((byte)0);
        return end < 0 ? "" : Bytes.ToText(text.AsSpan(0, end));
    }

    void ReadSymbols(NameSet names, ulong symbolsAt, ulong stringsAt, ulong stringBytes)
    {
        // The hash tables count the symbols that are defined; one that is only imported has a relocation.
        uint count = Math.Max(CountByGnuHash(), CountByHash());
        ForEachRelocation((symbol, _, _) => count = Math.Max(count, symbol + 1));
        count = Math.Min(count, MaxSymbols);

        Dictionary<uint, string> nameOffsets = names.Find(_source, stringsAt, stringBytes);
        var found = ElfSymbols.Read(_source, symbolsAt, count, nameOffsets);
        Symbols = [.. found.Values];

        var slots = new List<ElfSlot>();
        ForEachRelocation((symbol, type, address) =>
        {
            if (found.TryGetValue(symbol, out ElfSymbol known) && Kind(type) is { } kind) slots.Add(new ElfSlot(known.Name, kind, address));
        });
        Slots = slots;
    }

    ElfSlotKind? Kind(uint type) => (_elf.Machine, type) switch
    {
        (ElfFile.MachineX64, 7) or (ElfFile.MachineArm64, 1026) => ElfSlotKind.Plt,
        (ElfFile.MachineX64, 6) or (ElfFile.MachineArm64, 1025) => ElfSlotKind.Got,
        (ElfFile.MachineX64, 1) or (ElfFile.MachineArm64, 257) => ElfSlotKind.Data,
        _ => null,
    };

    /// <summary>Calls with the symbol's number, the type and the address of each relocation that has a symbol.</summary>
    void ForEachRelocation(Action<uint, uint, ulong> seen)
    {
        foreach ((ulong tag, ulong bytesTag) in new[] { (TagRela, TagRelaBytes), (TagPlt, TagPltBytes) })
        {
            if (!_values.TryGetValue(tag, out ulong table) || Locate(Unbiased(table)) is not { } start) continue;
            ulong count = Math.Min(_values.GetValueOrDefault(bytesTag) / RelocationBytes, MaxRelocations);
            BytePieces.ForEach(_source, start, count, RelocationBytes, (_, entry) =>
            {
                ulong info = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
                uint symbol = (uint)(info >> 32);
                if (symbol is > 0 and < MaxSymbols) seen(symbol, (uint)info, BinaryPrimitives.ReadUInt64LittleEndian(entry));
            });
        }
    }

    uint CountByHash()
    {
        Span<byte> header = stackalloc byte[8];
        if (!_values.TryGetValue(TagHash, out ulong table) || Locate(Unbiased(table)) is not { } at || !_source.Read(at, header)) return 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
    }

    /// <summary>The chain that begins last ends with the last symbol.</summary>
    uint CountByGnuHash()
    {
        Span<byte> header = stackalloc byte[16];
        if (!_values.TryGetValue(TagGnuHash, out ulong table) || Locate(Unbiased(table)) is not { } at || !_source.Read(at, header)) return 0;
        uint bucketCount = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header), MaxSymbols);
        uint firstSymbol = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]), bloomWords = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        ulong buckets = at + 16 + bloomWords * 8ul;
        uint last = 0;
        BytePieces.ForEach(_source, buckets, bucketCount, 4, (_, word) => last = Math.Max(last, BinaryPrimitives.ReadUInt32LittleEndian(word)));
        if (last < firstSymbol || last >= MaxSymbols) return 0;

        ulong chains = buckets + bucketCount * 4ul;
        Span<byte> link = stackalloc byte[4];
        for (; last < MaxSymbols; last++)
        {
            if (!_source.Read(chains + (last - firstSymbol) * 4ul, link)) return 0;
            if ((link[0] & 1) != 0) return last + 1;
        }
        return 0;
    }
}
