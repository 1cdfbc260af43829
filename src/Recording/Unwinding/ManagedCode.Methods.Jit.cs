namespace Lampyris;

// From an address in code to the runtime's own description of the method, whose address is what `RuntimeMethodHandle` holds. Asked by
// a thread that has the code on its stack, in managed code: so the code stays, and what the runtime throws away of its tables stays, too,
// until the next collection.
static unsafe partial class ManagedCode
{
    const int MostHandlers = 256;
    const int KindMask = 7, Dynamic = 7;
    const ulong LeastKey = 2, KeyShift = 100;

    /// <summary>The method that this address is in, and the type that it is a method of. Both are 0 for code without metadata: stubs and dynamic methods.</summary>
    /// <returns>Whether the address is in compiled code of the runtime's.</returns>
    public static bool TryFindMethod(ulong address, out ulong method, out ulong type)
    {
        method = type = 0;
        if (!ManagedRuntime.TryGet(out ManagedRuntime.Layout* layout) || !layout->HasMethods) return false;
        ulong section = FindSection(layout, address);
        if (section == 0) return false;
        ulong imageBase = Word(section + (ulong)layout->SectionBegin);
        ulong module = Word(section + (ulong)layout->SectionModule);
        if (module != 0)
        {
            RuntimeFunction* function = FindLoaded(layout, module, address - imageBase, out ulong info, out RuntimeFunction* first);
            if (function == null) return false;
            // Handlers have entries of their own behind their method's.
            for (int i = 0; i < MostHandlers && function >= first && method == 0; i++, function--)
                method = Lookup(layout, info + (ulong)layout->ReadyToRunMethods, imageBase + function->Begin);
        }
        else
        {
            if ((*(int*)(section + (ulong)layout->SectionFlags) & FlagCodeHeap) == 0 || FindCompiled(layout, section, address, imageBase, out ulong header) == null) return false;
            method = Word(header + (ulong)layout->HeaderMethod);
        }
        if (!IsPointer(method) || (*(ushort*)(method + (ulong)layout->MethodFlags) & KindMask) == Dynamic)
        {
            method = 0;
            return true;
        }
        ulong index = *(byte*)(method + (ulong)layout->MethodChunkIndex);
        type = Word(method - index * (ulong)layout->MethodUnit - (ulong)layout->ChunkBytes + (ulong)layout->ChunkType);
        return true;
    }

    // The runtime's `PtrHashMap`: buckets of some keys and their values, the first of which only says how many there are. A value is kept
    // shifted by one, and its highest bit says that some key did not fit in its bucket.
    static ulong Lookup(ManagedRuntime.Layout* layout, ulong map, ulong pointer)
    {
        ulong key = pointer > LeastKey ? pointer : pointer + KeyShift;
        ulong buckets = Word(map + (ulong)layout->MapBuckets);
        if (!IsPointer(buckets)) return 0;
        uint count = *(uint*)buckets;
        if (count < 2) return 0;
        uint place = (uint)(key >> 2), step = 1 + ((uint)(key >> 5) + 1) % (count - 1);
        for (uint i = 0; i < count; i++, place += step)
        {
            ulong bucket = buckets + (ulong)layout->BucketBytes * (place % count + 1), values = bucket + (ulong)layout->BucketValues;
            for (ulong slot = 0; slot < (ulong)layout->BucketSlots; slot++)
                if (Word(bucket + slot * 8) == key) return (Word(values + slot * 8) & (ulong)layout->BucketValueMask) << 1;
            if ((Word(values) & ~(ulong)layout->BucketValueMask) == 0) return 0;
        }
        return 0;
    }
}
