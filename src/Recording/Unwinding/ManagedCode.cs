namespace Lampyris;

// Finds the unwind information for an address in code that .NET's runtime compiled or loaded, by the runtime's own tables, which
// `ManagedRuntime` has the layout of (docs/design/datacontracts of dotnet/runtime: ExecutionManager, version 2). A thread's frames keep
// their code alive; what other threads add meanwhile is published entry by entry.
static unsafe partial class ManagedCode
{
    // An address leads through five tables of 256 pointers; the last one has the list of what lies in a piece of 128 KiB.
    // The lowest bit of a pointer marks what can be unloaded.
    const int Levels = 5, BitsPerLevel = 8, TopShift = 49;
    const ulong PointerMask = ~1UL;
    const int MostFragments = 256;
    const int FlagCodeHeap = 2;
    const uint MostFunctions = 1 << 24, MostUnwindsOfMethod = 1 << 12;

    /// <summary>The rule for an address. False when no code of the runtime's is there, or a stub that has no unwind information.</summary>
    public static bool TryFind(ulong address, out FrameRule rule)
    {
        rule = default;
        if (!ManagedRuntime.TryGet(out ManagedRuntime.Layout* layout)) return false;
        ulong section = FindSection(layout, address);
        if (section == 0) return false;
        ulong imageBase = Word(section + (ulong)layout->SectionBegin);
        ulong module = Word(section + (ulong)layout->SectionModule);
        RuntimeFunction* function;
        if (module != 0) function = FindLoaded(layout, module, address - imageBase, out _, out _);
        else if ((*(int*)(section + (ulong)layout->SectionFlags) & FlagCodeHeap) != 0) function = FindCompiled(layout, section, address, imageBase, out _);
        else return false;
        return function != null && WindowsUnwindInfo.TryDecode(imageBase, function->UnwindData, out rule);
    }

    static ulong FindSection(ManagedRuntime.Layout* layout, ulong address)
    {
        ulong table = layout->CodeRangeMap;
        for (int level = 0, shift = TopShift; level < Levels; level++, shift -= BitsPerLevel)
        {
            table = Word(table + (address >> shift & 0xFF) * 8) & PointerMask;
            if (!IsPointer(table)) return 0;
        }
        for (int i = 0; i < MostFragments && IsPointer(table); i++)
        {
            if (address >= Word(table + (ulong)layout->FragmentBegin) && address < Word(table + (ulong)layout->FragmentEnd))
            {
                ulong section = Word(table + (ulong)layout->FragmentSection) & PointerMask;
                bool holds = IsPointer(section)
                    && address >= Word(section + (ulong)layout->SectionBegin) && address < Word(section + (ulong)layout->SectionEnd);
                return holds ? section : 0;
            }
            table = Word(table + (ulong)layout->FragmentNext) & PointerMask;
        }
        return 0;
    }

    // Code that was compiled before (ReadyToRun): one sorted table for each file.
    static RuntimeFunction* FindLoaded(ManagedRuntime.Layout* layout, ulong module, ulong offset, out ulong info, out RuntimeFunction* first)
    {
        first = null;
        info = IsPointer(module) ? Word(module + (ulong)layout->ModuleReadyToRun) : 0;
        if (!IsPointer(info)) return null;
        // A part of a composite image has its table there.
        ulong composite = Word(info + (ulong)layout->ReadyToRunComposite);
        if (*(uint*)(info + (ulong)layout->ReadyToRunCount) == 0 && IsPointer(composite)) info = composite;
        uint count = *(uint*)(info + (ulong)layout->ReadyToRunCount);
        var functions = (RuntimeFunction*)Word(info + (ulong)layout->ReadyToRunFunctions);
        if (count > MostFunctions || functions == null || offset > uint.MaxValue) return null;
        first = functions;
        uint low = 0, high = count;             // the first function above lies in [low, high]
        while (low < high)
        {
            uint middle = low + (high - low) / 2;
            if (functions[middle].Begin <= offset) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return null;
        RuntimeFunction* found = functions + (low - 1);
        return found->Holds(offset) ? found : null;
    }

    // Code that was compiled in this process: the heap it lies in has a map of where methods begin; in front of each is its description.
    static RuntimeFunction* FindCompiled(ManagedRuntime.Layout* layout, ulong section, ulong address, ulong imageBase, out ulong header)
    {
        header = 0;
        ulong heap = Word(section + (ulong)layout->SectionHeaps);
        if (!IsPointer(heap)) return null;
        ulong mapBase = Word(heap + (ulong)layout->HeapMapBase), map = Word(heap + (ulong)layout->HeapMap);
        if (map == 0 || address < mapBase || address < Word(heap + (ulong)layout->HeapStart) || address >= Word(heap + (ulong)layout->HeapEnd)) return null;
        ulong method = MethodMap.Find((uint*)map, mapBase, address);
        if (method <= Word(heap + (ulong)layout->HeapStart) || method > address) return null;
        header = Word(method - 8);
        if (header <= layout->LastStubKind || !IsPointer(header)) return null;      // a stub
        uint count = *(uint*)(header + (ulong)layout->HeaderUnwindCount);
        var functions = (RuntimeFunction*)(header + (ulong)layout->HeaderUnwinds);
        if (count > MostUnwindsOfMethod) return null;
        for (uint i = 0; i < count; i++)        // the method, then its handlers
            if (functions[i].Holds(address - imageBase)) return functions + i;
        return null;
    }

    static ulong Word(ulong address) => *(ulong*)address;

    static bool IsPointer(ulong value) => value >= 4096 && (value & 3) == 0 && value >> 47 == 0;
}
