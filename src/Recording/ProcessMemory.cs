namespace Lampyris;

// What the kernel says of this process.
static unsafe class ProcessMemory
{
    /// <summary>Resident bytes; 0 where /proc can't be read.</summary>
    public static ulong ResidentBytes()
    {
        const int TextBytes = 128;

        byte* text = stackalloc byte[TextBytes];
        int length = OsFile.Read("/proc/self/statm\0"u8, text, TextBytes);
        int at = 0;
        while (at < length && text[at] != ' ') at++;         // the first number is the size of the address space
        ulong pages = 0;
        for (at++; at < length && text[at] is >= (byte)'0' and <= (byte)'9'; at++) pages = pages * 10 + (ulong)(text[at] - '0');
        return pages * OsMemory.OsPage;
    }
}
