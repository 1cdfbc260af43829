namespace Lampyris;

// `ucontext_t` of the GNU C library on x86-64, as far as calls preserve registers.
static unsafe class MachineContext
{
    public const int Bytes = 1024;              // 968, and some for what is to come
    const int R12 = 72, Rbp = 120, Rbx = 128, Rsp = 160, Rip = 168;

    /// <summary>The registers behind the call that filled in <paramref name="context"/>, at their DWARF numbers.</summary>
    public static void Read(byte* context, UnwindRegisters* into)
    {
        into->Value[3] = *(ulong*)(context + Rbx);
        into->Value[6] = *(ulong*)(context + Rbp);
        into->Value[7] = *(ulong*)(context + Rsp);
        for (int i = 0; i < 4; i++) into->Value[12 + i] = *(ulong*)(context + R12 + i * 8);
        into->Value[16] = *(ulong*)(context + Rip);
    }
}
