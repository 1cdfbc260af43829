using System;

namespace Lampyris;

// Finds an exported symbol of the program or of one library without dlsym, which takes the loader's lock. The loader's list may
// change meanwhile, so it is read as memory that may be gone; the library found is one that nobody unloads.
static unsafe class LoadedSymbol
{
    const int MostObjects = 4096, MostNameBytes = 512, MostDynamicEntries = 256, MostChain = 4096;
    const ulong DynamicHash = 0x6FFF_FEF5, DynamicStrings = 5, DynamicSymbols = 6;
    const int SymbolBytes = 24;

    /// <summary>The address of <paramref name="symbol"/> (it ends in a zero byte) in the program itself or in the first library whose path ends like this; 0 when not found.</summary>
    public static ulong Find(ReadOnlySpan<byte> symbol, ReadOnlySpan<byte> library)
    {
        ulong map = UnwindHost.FirstLinkMap();
        ulong* words = stackalloc ulong[4];     // where it is loaded, its name, its dynamic section, the next one
        bool isProgram = true;
        for (int i = 0; i < MostObjects && map != 0; i++, map = words[3], isProgram = false)
        {
            if (SafeMemory.Copy(map, (byte*)words, 32) != 32) return 0;
            if (!isProgram && !EndsLike(words[1], library)) continue;
            if (!ElfObject.TryFind(words[2], out ElfObject elf)) continue;
            ulong found = FindIn(elf, words[0], words[2], symbol);
            if (found != 0) return found;
        }
        return 0;
    }

    static bool EndsLike(ulong name, ReadOnlySpan<byte> end)
    {
        byte* text = stackalloc byte[MostNameBytes];
        int got = SafeMemory.Copy(name, text, MostNameBytes), length = 0;
        while (length < got && text[length] != 0) length++;
        if (length == got || length < end.Length) return false;
        for (int i = 0; i < end.Length; i++)
            if (text[length - end.Length + i] != end[i]) return false;
        return true;
    }

    // By the hash table that all linkers of this century write.
    static ulong FindIn(in ElfObject elf, ulong bias, ulong dynamic, ReadOnlySpan<byte> symbol)
    {
        ulong hashTable = 0, strings = 0, symbols = 0;
        for (int i = 0; i < MostDynamicEntries && elf.End - dynamic >= 16; i++, dynamic += 16)
        {
            ulong tag = ((ulong*)dynamic)[0], value = ((ulong*)dynamic)[1];
            if (tag == 0) break;
            if (value < elf.Start) value += bias;           // some C libraries leave it as it is in the file
            if (tag == DynamicHash) hashTable = value;
            else if (tag == DynamicStrings) strings = value;
            else if (tag == DynamicSymbols) symbols = value;
        }
        if (!IsIn(elf, hashTable) || !IsIn(elf, strings) || !IsIn(elf, symbols)) return 0;

        uint hash = 5381;
        for (int i = 0; i < symbol.Length - 1; i++) hash = hash * 33 + symbol[i];
        uint* table = (uint*)hashTable;
        uint bucketCount = table[0], firstHashed = table[1], bloomWords = table[2];
        uint* buckets = table + 4 + bloomWords * 2, chain = buckets + bucketCount;
        if (bucketCount == 0 || (ulong)chain >= elf.End) return 0;
        uint index = buckets[hash % bucketCount];
        if (index < firstHashed) return 0;
        for (int i = 0; i < MostChain; i++, index++)
        {
            if ((ulong)(chain + (index - firstHashed) + 1) > elf.End) return 0;
            uint one = chain[index - firstHashed];
            byte* entry = (byte*)symbols + (ulong)index * SymbolBytes;
            if ((one | 1) == (hash | 1) && Matches(elf, strings + *(uint*)entry, symbol)) return bias + *(ulong*)(entry + 8);
            if ((one & 1) != 0) return 0;
        }
        return 0;
    }

    static bool IsIn(in ElfObject elf, ulong address) => address >= elf.Start && address < elf.End;

    static bool Matches(in ElfObject elf, ulong name, ReadOnlySpan<byte> symbol)
    {
        if (!IsIn(elf, name) || elf.End - name < (ulong)symbol.Length) return false;
        for (int i = 0; i < symbol.Length; i++)
            if (((byte*)name)[i] != symbol[i]) return false;
        return true;
    }
}
