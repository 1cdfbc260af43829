using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// Calls of other libraries go through a stub of the procedure linkage table, which has no symbol: `jmp *slot(%rip)`.
// The relocation that fills the slot names the function. x86-64 only.
internal sealed class PltIndex
{
    const int EntryBytes = 16, RelocationBytes = 24, SymbolBytes = 24, MaxNameBytes = 1024;

    readonly IByteArea _file;
    readonly ElfFile _elf;
    readonly Dictionary<ulong, string> _slots = [];

    public PltIndex(IByteArea file, ElfFile elf)
    {
        (_file, _elf) = (file, elf);
        if (elf.Machine != ElfFile.MachineX64) return;
        foreach (ElfSection section in elf.Sections)
            if (section.Type == ElfSection.Rela && section.Link < elf.Sections.Count && section.Name is ".rela.plt" or ".rela.dyn") ReadSlots(section);
    }

    void ReadSlots(ElfSection relocations)
    {
        const uint GlobData = 6, JumpSlot = 7;
        if (relocations.Link >= _elf.Sections.Count || _elf.Sections[(int)relocations.Link] is not { Type: ElfSection.DynamicSymbols } symbols) return;
        if (symbols.Link >= _elf.Sections.Count || _file.Slice(relocations.Offset, relocations.Bytes) is not { } entries) return;
        if (_file.Slice(symbols.Offset, symbols.Bytes) is not { } table) return;
        ElfSection names = _elf.Sections[(int)symbols.Link];
        var reader = new ByteReader(entries.Span);
        for (int i = 0; i < entries.Length / RelocationBytes; i++)
        {
            ulong slot = reader.U64(), info = reader.U64();
            reader.U64();
            ulong symbolAt = (info >> 32) * SymbolBytes;
            if ((uint)info is not (GlobData or JumpSlot) || symbolAt + SymbolBytes > (ulong)table.Length) continue;
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(table.Span[(int)symbolAt..]);
            if (name == 0 || name >= names.Bytes || _file.Slice(names.Offset + name, Math.Min(MaxNameBytes, names.Bytes - name)) is not { } text) continue;
            _slots[slot] = Bytes.ToText(text.Span);
        }
    }

    /// <summary>The function that the stub at an address before relocation jumps to, still mangled.</summary>
    public string? Find(ulong address)
    {
        Span<byte> code = stackalloc byte[EntryBytes];
        foreach (ElfSection section in _elf.Sections)
        {
            if (!section.Name.StartsWith(".plt", StringComparison.Ordinal) || address - section.Address >= section.Bytes) continue;
            ulong start = address - (address - section.Address) % EntryBytes;
            if (!_file.Read(section.Offset + (start - section.Address), code)) return null;
            for (int i = 0; i + 6 <= code.Length; i++)
            {
                if (code[i] != 0xFF || code[i + 1] != 0x25) continue;
                ulong slot = start + (ulong)(i + 6) + (ulong)BinaryPrimitives.ReadInt32LittleEndian(code[(i + 2)..]);
                return _slots.GetValueOrDefault(slot);
            }
        }
        return null;
    }
}
