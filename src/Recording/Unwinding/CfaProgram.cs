using System.Runtime.InteropServices;

namespace Lampyris;

// Runs the instructions of a CIE and an FDE (DWARF 5, section 6.4.2) up to one address in the code, which gives the row for it.
[StructLayout(LayoutKind.Sequential)]
unsafe struct CfaProgram
{
    const int RememberedRows = 3;               // compilers nest them once

    public CfaRow Row;
    CfaRow _initial;
    CfaRow _remembered0, _remembered1, _remembered2;
    int _remembered;
    public ulong CodeAlignment;
    public long DataAlignment;
    public byte AddressEncoding;

    /// <summary>Makes the row so far the one that `restore` goes back to.</summary>
    public void KeepInitial() => _initial = Row;

    /// <summary>Runs from <paramref name="location"/> up to <paramref name="address"/>. False when the program is damaged.</summary>
    public bool Run(ref DwarfReader code, ulong location, ulong address)
    {
        while (!code.IsAtEnd)
        {
            byte operation = code.Byte();
            ulong low = (uint)(operation & 0x3F);
            switch (operation >> 6)
            {
                case 1:
                    location += low * CodeAlignment;
                    if (location > address) return true;
                    continue;
                case 2: Row.Set(low, RegisterRule.AtOffset, (long)code.Unsigned() * DataAlignment); continue;
                case 3: Restore(low); continue;
                default: break;
            }
            if (operation is >= 0x01 and <= 0x04)
            {
                location = operation switch
                {
                    0x01 => code.Address(AddressEncoding, 0),
                    0x02 => location + code.Byte() * CodeAlignment,
                    0x03 => location + code.UInt16() * CodeAlignment,
                    _ => location + code.UInt32() * CodeAlignment,
                };
                if (location > address) return !code.Failed;
                continue;
            }
            if (!Step(operation, ref code)) return false;
        }
        return !code.Failed;
    }

    bool Step(byte operation, ref DwarfReader code)
    {
        switch (operation)
        {
            case 0x00: return true;                                                                     // nop
            case 0x05: return At(code.Unsigned(), RegisterRule.AtOffset, (long)code.Unsigned() * DataAlignment);
            case 0x06: Restore(code.Unsigned()); return true;
            case 0x07: return At(code.Unsigned(), RegisterRule.Undefined, 0);
            case 0x08: return At(code.Unsigned(), RegisterRule.Same, 0);
            case 0x09: return At(code.Unsigned(), RegisterRule.InRegister, (long)code.Unsigned());
            case 0x0A: return Remember();
            case 0x0B: return Recall();
            case 0x0C: return Cfa(code.Unsigned(), (long)code.Unsigned());                              // def_cfa
            case 0x0D: return Cfa(code.Unsigned(), Row.CfaOffset);
            case 0x0E: return Cfa(Row.CfaRegister, (long)code.Unsigned());
            case 0x0F: Row.CfaExpression = Block(ref code); return true;                                // def_cfa_expression
            case 0x10: return At(code.Unsigned(), RegisterRule.AtExpression, (long)Block(ref code));
            case 0x11: return At(code.Unsigned(), RegisterRule.AtOffset, code.Signed() * DataAlignment);
            case 0x12: return Cfa(code.Unsigned(), code.Signed() * DataAlignment);
            case 0x13: return Cfa(Row.CfaRegister, code.Signed() * DataAlignment);
            case 0x14: return At(code.Unsigned(), RegisterRule.IsOffset, (long)code.Unsigned() * DataAlignment);
            case 0x15: return At(code.Unsigned(), RegisterRule.IsOffset, code.Signed() * DataAlignment);
            case 0x16: return At(code.Unsigned(), RegisterRule.IsExpression, (long)Block(ref code));
            case 0x2E: code.Unsigned(); return true;                                                    // GNU_args_size
            case 0x2F: return At(code.Unsigned(), RegisterRule.AtOffset, -((long)code.Unsigned() * DataAlignment));
            default: return false;
        }
    }

    bool At(ulong register, byte rule, long operand)
    {
        Row.Set(register, rule, operand);
        return true;
    }

    bool Cfa(ulong register, long offset)
    {
        Row.CfaExpression = 0;
        Row.CfaRegister = register;
        Row.CfaOffset = offset;
        return register < CfaRow.Registers;
    }

    void Restore(ulong register)
    {
        if (register < CfaRow.Registers) Row.Set(register, _initial.Rule[(int)register], _initial.Operand[(int)register]);
    }

    bool Remember()
    {
        if (_remembered == RememberedRows) return false;
        switch (_remembered++)
        {
            case 0: _remembered0 = Row; break;
            case 1: _remembered1 = Row; break;
            default: _remembered2 = Row; break;
        }
        return true;
    }

    bool Recall()
    {
        if (_remembered == 0) return false;
        switch (--_remembered)
        {
            case 0: Row = _remembered0; break;
            case 1: Row = _remembered1; break;
            default: Row = _remembered2; break;
        }
        return true;
    }

    static ulong Block(ref DwarfReader code)
    {
        ulong place = code.At;
        code.Skip(code.Unsigned());
        return place;
    }
}
