namespace Lampyris;

// `ucontext_t` of the GNU C library on arm64: what it takes to follow frame records.
static unsafe class MachineContext
{
    public const int Bytes = 5120;              // 4560, most of it for vector registers
    const int X0 = 184;

    /// <summary>The registers behind the call that filled in <paramref name="context"/>, at their DWARF numbers.</summary>
    public static void Read(byte* context, UnwindRegisters* into)
    {
        ulong* registers = (ulong*)(context + X0);          // x0 to x30, stack pointer, pc
        into->Value[29] = registers[29];
        into->Value[31] = registers[31];
        into->Value[32] = registers[32];
    }
}
