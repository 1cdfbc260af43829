namespace Lampyris.Analysis;

/// <summary>The numbers of the DWARF standard that are read here; GNU's additions have its name.</summary>
internal static class DwarfForm
{
    public const int Addr = 0x01, Block2 = 0x03, Block4 = 0x04, Data2 = 0x05, Data4 = 0x06, Data8 = 0x07, String = 0x08, Block = 0x09,
        Block1 = 0x0A, Data1 = 0x0B, Flag = 0x0C, Sdata = 0x0D, Strp = 0x0E, Udata = 0x0F, RefAddr = 0x10, Ref1 = 0x11, Ref2 = 0x12,
        Ref4 = 0x13, Ref8 = 0x14, RefUdata = 0x15, Indirect = 0x16, SecOffset = 0x17, Exprloc = 0x18, FlagPresent = 0x19, Strx = 0x1A,
        Addrx = 0x1B, RefSup4 = 0x1C, StrpSup = 0x1D, Data16 = 0x1E, LineStrp = 0x1F, RefSig8 = 0x20, ImplicitConst = 0x21,
        Loclistx = 0x22, Rnglistx = 0x23, RefSup8 = 0x24, Strx1 = 0x25, Strx2 = 0x26, Strx3 = 0x27, Strx4 = 0x28,
        Addrx1 = 0x29, Addrx2 = 0x2A, Addrx3 = 0x2B, Addrx4 = 0x2C,
        GnuAddrIndex = 0x1F01, GnuStrIndex = 0x1F02, GnuRefAlt = 0x1F20, GnuStrpAlt = 0x1F21;

    /// <summary>How many bytes a value takes; -1 where the value itself must be looked at.</summary>
    public static int FixedBytes(int form, int addressBytes, bool is64) => form switch
    {
        FlagPresent or ImplicitConst => 0,
        Data1 or Flag or Ref1 or Strx1 or Addrx1 => 1,
        Data2 or Ref2 or Strx2 or Addrx2 => 2,
        Strx3 or Addrx3 => 3,
        Data4 or Ref4 or RefSup4 or Strx4 or Addrx4 => 4,
        Data8 or Ref8 or RefSig8 or RefSup8 => 8,
        Data16 => 16,
        Addr => addressBytes,
        Strp or LineStrp or StrpSup or SecOffset or RefAddr or GnuRefAlt or GnuStrpAlt => is64 ? 8 : 4,
        _ => -1,
    };
}

/// <summary>An attribute's value: its form, and the number that was there. Form 0: there is no such attribute.</summary>
internal readonly record struct DwarfValue(int Form, ulong Number)
{
    public bool IsPresent => Form != 0;

    /// <summary>Reads one value; for an inline string the number is its offset from the reader's start, for blocks 0.</summary>
    public static DwarfValue Read(ref ByteReader reader, int form, long constant, DwarfUnitFormat format)
    {
        const int MaxIndirections = 4;
        for (int i = 0; form == DwarfForm.Indirect && i < MaxIndirections; i++) form = (int)reader.Uleb();
        switch (form)
        {
            case DwarfForm.FlagPresent: return new(form, 1);
            case DwarfForm.ImplicitConst: return new(form, (ulong)constant);
            case DwarfForm.Data1 or DwarfForm.Flag or DwarfForm.Ref1 or DwarfForm.Strx1 or DwarfForm.Addrx1: return new(form, reader.U8());
            case DwarfForm.Data2 or DwarfForm.Ref2 or DwarfForm.Strx2 or DwarfForm.Addrx2: return new(form, reader.U16());
            case DwarfForm.Strx3 or DwarfForm.Addrx3: return new(form, reader.U24());
            case DwarfForm.Data4 or DwarfForm.Ref4 or DwarfForm.RefSup4 or DwarfForm.Strx4 or DwarfForm.Addrx4: return new(form, reader.U32());
            case DwarfForm.Data8 or DwarfForm.Ref8 or DwarfForm.RefSig8 or DwarfForm.RefSup8: return new(form, reader.U64());
            case DwarfForm.Addr: return new(form, reader.Address(format.AddressBytes));
            case DwarfForm.Strp or DwarfForm.LineStrp or DwarfForm.StrpSup or DwarfForm.SecOffset or DwarfForm.GnuRefAlt or DwarfForm.GnuStrpAlt:
                return new(form, reader.Offset(format.Is64));
            // Version 2 gave such a reference the size of an address.
            case DwarfForm.RefAddr: return new(form, format.Version <= 2 ? reader.Address(format.AddressBytes) : reader.Offset(format.Is64));
            case DwarfForm.Udata or DwarfForm.RefUdata or DwarfForm.Strx or DwarfForm.Addrx or DwarfForm.Loclistx or DwarfForm.Rnglistx
                or DwarfForm.GnuAddrIndex or DwarfForm.GnuStrIndex:
                return new(form, reader.Uleb());
            case DwarfForm.Sdata: return new(form, (ulong)reader.Sleb());
            case DwarfForm.String:
                ulong at = (ulong)reader.Position;
                reader.StringBytes();
                return new(form, at);
            case DwarfForm.Data16: reader.Skip(16); return new(form, 0);
            case DwarfForm.Block1: reader.Skip(reader.U8()); return new(form, 0);
            case DwarfForm.Block2: reader.Skip(reader.U16()); return new(form, 0);
            case DwarfForm.Block4: reader.Skip(reader.U32()); return new(form, 0);
            case DwarfForm.Block or DwarfForm.Exprloc: reader.Skip(reader.Uleb()); return new(form, 0);
            default:
                reader.Fail();
                return default;
        }
    }
}

/// <summary>What decides how long the numbers of a unit are.</summary>
internal readonly record struct DwarfUnitFormat(int Version, int AddressBytes, bool Is64);
