namespace Lampyris;

// CoreCLR's map of where methods begin in a heap of code (.NET 9 and later). Each nibble, the highest of a word first, stands for 32 bytes of code:
// 0, or 1 plus the offset in units of 4 bytes at which a method begins there. A word, for 256 bytes, that lies within one
// method is instead the offset of that method's start to the heap's: its lowest nibble is then 9 or more.
static unsafe class MethodMap
{
    const int BytesPerNibble = 32, NibblesPerWord = 8, FirstPointerNibble = 9;

    /// <summary>The start of the method that <paramref name="address"/> is in or behind; 0 when there is none.</summary>
    public static ulong Find(uint* map, ulong mapBase, ulong address)
    {
        ulong offset = address - mapBase;
        ulong nibble = offset / BytesPerNibble, word = nibble / NibblesPerWord;
        uint value = map[word];
        if (IsStart(value)) return mapBase + StartOf(value);
        // Does a method begin in these 32 bytes, at or before the address?
        int place = (int)(nibble % NibblesPerWord);
        value >>= 4 * (NibblesPerWord - 1 - place);
        uint here = value & 15;
        if (here != 0 && here <= offset % BytesPerNibble / 4 + 1) return mapBase + nibble * BytesPerNibble + (here - 1) * 4;
        // Or in those before them, as far as the word goes?
        for (int i = place - 1; i >= 0; i--)
        {
            value >>= 4;
            if ((value & 15) != 0) return mapBase + (word * NibblesPerWord + (uint)i) * BytesPerNibble + ((value & 15) - 1) * 4;
        }
        // Then in the word before, or that one says where.
        if (word == 0) return 0;
        value = map[--word];
        if (IsStart(value)) return mapBase + StartOf(value);
        for (int i = NibblesPerWord - 1; i >= 0; i--, value >>= 4)
            if ((value & 15) != 0) return mapBase + (word * NibblesPerWord + (uint)i) * BytesPerNibble + ((value & 15) - 1) * 4;
        return 0;
    }

    static bool IsStart(uint value) => (value & 15) >= FirstPointerNibble;

    static ulong StartOf(uint value) => (value & ~15U) + ((value & 15) - FirstPointerNibble) * 4;
}
