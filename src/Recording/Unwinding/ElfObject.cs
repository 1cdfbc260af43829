using System.Runtime.InteropServices;

namespace Lampyris;

// A loaded object that an address lies in: where it is mapped, and where its index of unwind information is.
[StructLayout(LayoutKind.Sequential)]
unsafe struct ElfObject
{
    const int ProgramHeaderBytes = 56, MostProgramHeaders = 64;
    const uint LoadSegment = 1, OwnPlaceSegment = 6, UnwindSegment = 0x6474E550;

    public ulong Start, End;                    // addresses; [Start, End)
    public ulong UnwindIndex;                   // its .eh_frame_hdr; 0 when it has none
    public ulong LinkMap;                       // 0 when not known

    /// <summary>What to take off an address to get the file's own.</summary>
    public readonly ulong Bias => LinkMap == 0 ? Start : ((ulong*)LinkMap)[0];

    /// <summary>Its path, in the loader's memory; empty or null for the program itself.</summary>
    public readonly byte* Name => LinkMap == 0 ? null : ((byte**)LinkMap)[1];

    /// <summary>
    /// Finds the object without a lock. Where the C library can't, only the program itself is found, by the headers
    /// that the kernel tells of; in a static program that is all there is.
    /// </summary>
    public static bool TryFind(ulong address, out ElfObject found)
    {
        found = default;
        bool known;
        fixed (ElfObject* place = &found)
            known = UnwindHost.CanFindObjects() ? UnwindHost.FindObject(address, place) : FindProgram(place);
        return known && address >= found.Start && address < found.End;
    }

    static bool FindProgram(ElfObject* found)
    {
        ulong count;
        ulong headers = UnwindHost.ProgramHeaders(&count);
        if (headers == 0 || count > MostProgramHeaders) return false;
        ulong low = ulong.MaxValue, high = 0, index = 0, bias = 0;
        for (ulong i = 0; i < count; i++)
        {
            byte* header = (byte*)headers + i * ProgramHeaderBytes;
            ulong address = *(ulong*)(header + 16), end = address + *(ulong*)(header + 40);
            switch (*(uint*)header)
            {
                case OwnPlaceSegment: bias = headers - address; break;      // comes first
                case UnwindSegment: index = address; break;
                case LoadSegment:
                    if (address < low) low = address;
                    if (end > high) high = end;
                    break;
                default: break;
            }
        }
        if (high == 0) return false;
        found->Start = low + bias;
        found->End = high + bias;
        found->UnwindIndex = index == 0 ? 0 : index + bias;
        return true;
    }
}
