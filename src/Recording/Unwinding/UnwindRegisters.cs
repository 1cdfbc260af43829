using System.Runtime.InteropServices;

namespace Lampyris;

// A frame's registers at their DWARF numbers. Those that calls need not preserve hold what a signal frame said of them, or nothing.
[StructLayout(LayoutKind.Sequential)]
unsafe struct UnwindRegisters
{
    public const int Count = 33;                // arm64's x0 to x30, stack pointer, pc; x86-64 has 17

    public fixed ulong Value[Count];
}
