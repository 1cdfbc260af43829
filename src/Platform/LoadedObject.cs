using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A loaded ELF file, as the loader knows it.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct LoadedObject
{
    public ulong Start, End;            // addresses it covers
    public ulong Bias;                  // what to take off an address to get the file's own
    public byte* Name;                  // its path; empty for the program; the loader's own memory
    public byte* UnwindTable;           // its .eh_frame_hdr; null: none
}
