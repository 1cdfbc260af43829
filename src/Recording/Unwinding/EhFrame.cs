namespace Lampyris;

// Finds the unwind information for an address in an object's .eh_frame (System V ABI, Linux Standard Base), by the
// sorted table in .eh_frame_hdr, and runs it.
static unsafe class EhFrame
{
    const byte SortedTable = 0x3B;              // 4-byte offsets to the header: what every linker writes
    const int EntryBytes = 8;

    /// <summary>
    /// The row for <paramref name="address"/>, and whether its frame is the kernel's, made for a signal handler to return into.
    /// False when the object has nothing on this address, or nothing that can be understood.
    /// </summary>
    public static bool TryFind(in ElfObject elf, ulong address, ref CfaProgram program, out bool isSignalFrame)
    {
        isSignalFrame = false;
        ulong entry = FindEntry(elf, address);
        if (entry == 0) return false;
        var fde = Entry(elf, entry, out ulong idPlace, out uint id);
        if (fde.Failed || id == 0 || id > idPlace - elf.Start) return false;
        if (!ReadCie(elf, idPlace - id, ref program, out byte encoding, out bool hasAugmentation, out isSignalFrame)) return false;

        ulong start = fde.Address(encoding, 0), bytes = fde.Number(encoding);
        if (fde.Failed || address < start || address - start >= bytes) return false;
        if (hasAugmentation) fde.Skip(fde.Unsigned());
        return program.Run(ref fde, start, address);
    }

    // The FDE with the greatest start that is not above the address; 0 when there is none.
    static ulong FindEntry(in ElfObject elf, ulong address)
    {
        ulong header = elf.UnwindIndex;
        if (header < elf.Start || header >= elf.End) return 0;
        var reader = new DwarfReader(header, elf.End);
        if (reader.Byte() != 1) return 0;       // the version
        byte frameEncoding = reader.Byte(), countEncoding = reader.Byte(), tableEncoding = reader.Byte();
        if (tableEncoding != SortedTable) return 0;
        reader.Address(frameEncoding, header);
        ulong count = reader.Address(countEncoding, header), table = reader.At;
        if (reader.Failed || count == 0 || count > (elf.End - table) / EntryBytes) return 0;
        ulong low = 0, high = count;            // the first entry above the address lies in [low, high]
        while (low < high)
        {
            ulong middle = low + (high - low) / 2;
            if (header + (ulong)*(int*)(table + middle * EntryBytes) <= address) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : header + (ulong)*(int*)(table + (low - 1) * EntryBytes + 4);
    }

    // The content of a CIE or FDE behind its length and id.
    static DwarfReader Entry(in ElfObject elf, ulong place, out ulong idPlace, out uint id)
    {
        idPlace = id = 0;
        var nothing = new DwarfReader(0, 0) { Failed = true };
        if (place < elf.Start || place >= elf.End) return nothing;
        var reader = new DwarfReader(place, elf.End);
        ulong bytes = reader.UInt32();
        if (bytes == uint.MaxValue) bytes = reader.UInt64();
        if (reader.Failed || bytes < 4 || bytes > elf.End - reader.At) return nothing;
        idPlace = reader.At;
        reader = new DwarfReader(idPlace, idPlace + bytes);
        id = reader.UInt32();
        return reader;
    }

    static bool ReadCie(in ElfObject elf, ulong place, ref CfaProgram program, out byte encoding, out bool hasAugmentation, out bool isSignalFrame)
    {
        encoding = 0;
        hasAugmentation = isSignalFrame = false;
        var cie = Entry(elf, place, out _, out uint id);
        if (cie.Failed || id != 0) return false;
        byte version = cie.Byte();
        if (version is not (1 or 3)) return false;
        ulong augmentation = cie.At;
        while (cie.Byte() != 0 && !cie.Failed) { }
        program.CodeAlignment = cie.Unsigned();
        program.DataAlignment = cie.Signed();
        ulong returnAddress = version == 1 ? cie.Byte() : cie.Unsigned();
        if (cie.Failed || returnAddress != CfaRow.ReturnAddress) return false;

        byte* letter = (byte*)augmentation;
        if (*letter == 'z')
        {
            hasAugmentation = true;
            ulong bytes = cie.Unsigned(), data = cie.At;
            var augmented = cie;
            for (letter++; *letter != 0; letter++)
            {
                switch ((char)*letter)
                {
                    case 'R': encoding = augmented.Byte(); break;
                    case 'L': augmented.Byte(); break;
                    case 'P': augmented.Number(augmented.Byte()); break;
                    case 'S': isSignalFrame = true; break;
                    default: break;             // 'B' is arm64's; others add no data that anyone has seen
                }
            }
            cie.At = data;
            cie.Skip(bytes);
            if (augmented.Failed) return false;
        }
        else if (*letter != 0)
        {
            return false;
        }
        program.AddressEncoding = encoding;
        if (!program.Run(ref cie, 0, ulong.MaxValue)) return false;
        program.KeepInitial();
        return true;
    }
}
