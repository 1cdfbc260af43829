using System.Runtime.InteropServices;

namespace Lampyris;

// One row of the table that .eh_frame describes (DWARF 5, section 6.4): how, at one place in the code, the caller's registers are
// found. The CFA is the caller's stack pointer.
[StructLayout(LayoutKind.Sequential)]
unsafe struct CfaRow
{
    public const int Registers = 17;            // x86-64: 0 to 15 and, as 16, the return address
    public const int ReturnAddress = 16, StackPointer = 7, FramePointer = 6;

    public ulong CfaExpression;                 // the address of a block with its length; 0: register and offset
    public ulong CfaRegister;
    public long CfaOffset;
    public fixed byte Rule[Registers];          // `RegisterRule`
    public fixed long Operand[Registers];       // an offset to the CFA, a register, or the address of a block

    public void Set(ulong register, byte rule, long operand)
    {
        if (register >= Registers) return;      // vector registers: nobody needs them here
        Rule[(int)register] = rule;
        Operand[(int)register] = operand;
    }
}

// How a register of the caller is found.
static class RegisterRule
{
    public const byte Same = 0, Undefined = 1, AtOffset = 2, IsOffset = 3, InRegister = 4, AtExpression = 5, IsExpression = 6;
}
