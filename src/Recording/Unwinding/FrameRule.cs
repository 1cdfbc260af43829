using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

// How to get from a frame to its caller, as nearly all code has it: the CFA is a register plus a constant, the return address lies right
// below it, and each register that calls preserve is either untouched or saved not far below. Fits two words.
[StructLayout(LayoutKind.Sequential)]
unsafe struct FrameRule
{
    public const byte IsEnd = 1;                // the thread begins here: there is no caller
    public const byte IsIndirect = 2;           // the CFA is in memory, at the register plus the constant: a realigned stack
    public const int SavedRegisters = 6, MostSlot = 255;

    public int CfaOffset;
    public byte CfaRegister;                    // by its DWARF number
    public byte Flags;
    public ushort Age;                          // of a cached rule, see `RuleCache`
    public fixed byte Slot[8];                  // by `RegisterOf`: saved at CFA - 8 * slot; 0: untouched

    /// <summary>All of <see cref="Slot"/>, the first lowest.</summary>
    public readonly ulong Slots
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            fixed (byte* slots = Slot) return *(ulong*)slots;
        }
    }

    /// <summary>The frame of code that nothing is known of but that it keeps the caller's rbp at rbp, as compilers do that keep frame pointers.</summary>
    public static FrameRule OfFramePointer()
    {
        FrameRule rule = default;
        rule.CfaRegister = CfaRow.FramePointer;
        rule.CfaOffset = 16;
        rule.Slot[SlotOf(CfaRow.FramePointer)] = 2;
        return rule;
    }

    /// <summary>The DWARF number of a register that calls preserve: rbx, rbp, r12 to r15.</summary>
    public static int RegisterOf(int slot) => (int)(0x0F0E_0D0C_0603 >> slot * 8) & 0xFF;

    /// <summary>The opposite of <see cref="RegisterOf"/>; -1 for other registers.</summary>
    public static int SlotOf(int register) => register switch { 3 => 0, 6 => 1, >= 12 and <= 15 => register - 10, _ => -1 };

    /// <summary>The rule for a row of .eh_frame. False when it says more than a rule can hold.</summary>
    public static bool TryMake(in CfaRow row, ulong objectEnd, out FrameRule rule)
    {
        rule = default;
        if (row.Rule[CfaRow.ReturnAddress] == RegisterRule.Undefined)
        {
            rule.Flags = IsEnd;
            return true;
        }
        if (row.Rule[CfaRow.ReturnAddress] != RegisterRule.AtOffset || row.Operand[CfaRow.ReturnAddress] != -8) return false;
        if (!TakeCfa(row, objectEnd, ref rule)) return false;
        for (int register = 0; register < CfaRow.ReturnAddress; register++)
        {
            byte how = row.Rule[register];
            if (how is RegisterRule.Same or RegisterRule.Undefined) continue;
            int slot = SlotOf(register);
            long operand = row.Operand[register];
            // Those that calls change are of no use to a caller.
            if (slot < 0 && register != CfaRow.StackPointer) continue;
            if (slot < 0 || how != RegisterRule.AtOffset || operand > -8 || operand < -8 * MostSlot || (operand & 7) != 0) return false;
            rule.Slot[slot] = (byte)(-operand / 8);
        }
        return true;
    }

    static bool TakeCfa(in CfaRow row, ulong objectEnd, ref FrameRule rule)
    {
        ulong register = row.CfaRegister;
        long offset = row.CfaOffset;
        if (row.CfaExpression != 0)
        {
            // breg, deref: where gcc keeps the address of the arguments of a function that aligned its stack.
            var code = new DwarfReader(row.CfaExpression, objectEnd);
            ulong end = code.Unsigned() + code.At;
            register = (ulong)code.Byte() - 0x70;
            offset = code.Signed();
            if (code.Byte() != 0x06 || code.At != end || code.Failed) return false;
            rule.Flags = IsIndirect;
        }
        if (register >= CfaRow.ReturnAddress || offset != (int)offset) return false;
        rule.CfaRegister = (byte)register;
        rule.CfaOffset = (int)offset;
        return true;
    }
}
