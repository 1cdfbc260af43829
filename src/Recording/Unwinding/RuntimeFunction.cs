using System.Runtime.InteropServices;

namespace Lampyris;

// What Windows' x64 tables, which CoreCLR uses everywhere, say of a function or of a part of one. Offsets are to its image's start.
[StructLayout(LayoutKind.Sequential)]
struct RuntimeFunction
{
    public uint Begin, End;                     // [Begin, End)
    public uint UnwindData;

    public readonly bool Holds(ulong offset) => offset >= Begin && offset < End;
}
