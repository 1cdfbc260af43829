using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A loaded ELF file.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct LoadedModule
{
    public const int MaxPathBytes = 480, MaxBuildIdBytes = 32;

    public ulong Start, End;            // addresses
    public ulong Bias;                  // what to take off an address to get the file's own
    public nuint BuildIdBytes;
    public fixed byte BuildId[MaxBuildIdBytes];
    public fixed byte Path[MaxPathBytes];      // ends in 0
}

// The ELF files whose code was on a stack, numbered as they came. A file that another one has replaced at its address stays:
// readers take the last one. Under the recorder's lock.
public static unsafe class ModuleTable
{
    const int Max = 4096;

    static LoadedModule* s_modules;
    static uint s_count;

    public static uint Count => s_count;

    public static LoadedModule* At(uint number) => s_modules + number;

    public static void Clear() => s_count = 0;

    /// <summary>Adds the modules of these addresses, if they are new, and writes them to the file.</summary>
    public static void Note(ulong* addresses, int count)
    {
        if (s_modules == null) s_modules = (LoadedModule*)OsMemory.Map(Max * (nuint)sizeof(LoadedModule));
        if (s_modules == null) return;
        ElfObject loaded = default;
        for (int i = 0; i < count; i++)
        {
            ulong address = addresses[i];
            if (address >= loaded.Start && address < loaded.End) continue;      // as the frame before
            if (ElfObject.TryFind(address, out loaded) && !IsKnown(loaded) && s_count < Max) Add(loaded);
        }
    }

    static bool IsKnown(in ElfObject loaded)
    {
        for (uint i = s_count; i-- != 0;)
        {
            LoadedModule* module = s_modules + i;
            if (module->Start >= loaded.End || module->End <= loaded.Start) continue;
            return module->Start == loaded.Start && module->End == loaded.End && module->Bias == loaded.Bias;
        }
        return false;
    }

    static void Add(in ElfObject loaded)
    {
        LoadedModule* module = s_modules + s_count;
        *module = default;
        module->Start = loaded.Start;
        module->End = loaded.End;
        module->Bias = loaded.Bias;
        byte* name = loaded.Name;
        if (name == null || *name == 0)
        {
            int length = OsFile.ReadLink("/proc/self/exe\0"u8, module->Path, LoadedModule.MaxPathBytes - 1);
            module->Path[length < 0 ? 0 : length] = 0;
        }
        else
        {
            nuint length = CString.Length(name);
            if (length >= LoadedModule.MaxPathBytes) length = LoadedModule.MaxPathBytes - 1;
            RawMemory.Copy(name, module->Path, length);
            module->Path[length] = 0;
        }
        BuildId.Read(loaded, module);
        ProfileWriter.Module(s_count++, module);
    }
}
