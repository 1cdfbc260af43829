namespace Lampyris;

// The GNU build ID of a loaded ELF file, by which its debug information is found and told from that of another version.
static unsafe class BuildId
{
    const uint ElfMagic = 0x464C457F;
    const int ProgramHeaderBytes = 56, NoteType = 4, GnuBuildId = 3;

    /// <summary>Puts the build ID into the module; empty where the file has none.</summary>
    public static void Read(in ElfObject loaded, LoadedModule* module)
    {
        byte* start = (byte*)loaded.Start;
        if (loaded.End - loaded.Start < OsMemory.OsPage || *(uint*)start != ElfMagic) return;
        ulong headers = *(ulong*)(start + 32);
        int count = *(ushort*)(start + 56);
        if (headers + (ulong)count * ProgramHeaderBytes > OsMemory.OsPage) return;
        for (int i = 0; i < count; i++)
        {
            byte* header = start + headers + (ulong)i * ProgramHeaderBytes;
            if (*(int*)header != NoteType) continue;
            ulong address = loaded.Bias + *(ulong*)(header + 16), bytes = *(ulong*)(header + 40);
            if (address < loaded.Start || bytes > loaded.End - loaded.Start || address > loaded.End - bytes) continue;
            if (Find((byte*)address, bytes, module)) return;
        }
    }

    static bool Find(byte* notes, ulong bytes, LoadedModule* module)
    {
        const int HeadBytes = 12;

        for (ulong at = 0; at + HeadBytes <= bytes;)
        {
            ulong nameBytes = Padded(*(uint*)(notes + at)), textBytes = *(uint*)(notes + at + 4);
            ulong text = at + HeadBytes + nameBytes;
            if (text + textBytes > bytes) return false;
            if (*(int*)(notes + at + 8) == GnuBuildId && nameBytes == 4 && textBytes <= LoadedModule.MaxBuildIdBytes)
            {
                RawMemory.Copy(notes + text, module->BuildId, (nuint)textBytes);
                module->BuildIdBytes = (nuint)textBytes;
                return true;
            }
            at = text + Padded((uint)textBytes);
        }
        return false;
    }

    static ulong Padded(uint bytes) => (ulong)bytes + 3 & ~3UL;
}
