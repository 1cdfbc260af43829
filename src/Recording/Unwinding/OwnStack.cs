using System;
using System.Runtime.InteropServices;

namespace Lampyris;

// The range of the calling thread's own stack, which stays mapped while the thread runs: from the stack pointer up to `High` it
// can be read without asking the kernel. Found once in each thread, in /proc/self/maps.
//
// A thread's stack has the thread's control block at its top, so the mapping that holds both is it. Above the control block
// may follow another mapping's memory, which others may unmap: it is not counted in. The first thread's is called `[stack]`.
[StructLayout(LayoutKind.Sequential)]
unsafe struct OwnStack
{
    // The file costs as much as ten walks through the kernel, in a large process as a hundred: not for a thread that ends soon.
    const int FirstAttempt = 4, MostAttempts = 8;
    const int TextBytes = 1024;
    // The kernel lets the first stack grow down to its limit and keeps at least 128 MiB of address space free for it.
    const ulong GrowthBytes = 64 * Units.MiB;

    public ulong Low, High;
    ulong _attempts;

    /// <summary>True when <paramref name="stackPointer"/> lies on the thread's own stack, found now or before.</summary>
    public bool Holds(ulong stackPointer)
    {
        if (stackPointer >= Low && stackPointer < High) return true;
        if (High != 0 || _attempts >= FirstAttempt + MostAttempts) return false;
        if (_attempts++ < FirstAttempt) return false;
        return Find(stackPointer, UnwindHost.ThreadPointer()) && stackPointer >= Low && stackPointer < High;
    }

    bool Find(ulong stackPointer, ulong controlBlock)
    {
        byte* text = stackalloc byte[TextBytes];
        int file;
        fixed (byte* path = "/proc/self/maps\0"u8) file = OsFile.OpenForReading(path);
        if (file < 0) return false;
        bool found = false;
        int length = 0;
        while (!found)
        {
            int got = OsFile.ReadNext(file, text + length, TextBytes - length);
            if (got <= 0) break;
            length += got;
            int line = 0;
            while (!found && EndOfLine(text, line, length) is int end and >= 0)
            {
                found = IsMine(text + line, end - line, stackPointer, controlBlock);
                line = end + 1;
            }
            if (line == 0) line = length;       // one line fills the buffer: its beginning was long enough, see `IsMine`
            for (int i = line; i < length; i++) text[i - line] = text[i];
            length -= line;
        }
        OsFile.Close(file);
        return found;
    }

    bool IsMine(byte* line, int length, ulong stackPointer, ulong controlBlock)
    {
        int at = 0;
        ulong low = ReadHex(line, length, ref at);
        if (at >= length || line[at++] != '-') return false;
        ulong high = ReadHex(line, length, ref at);
        if (stackPointer < low || stackPointer >= high) return false;
        bool isFirst = length > 7 && EndsWith(line, length, "[stack]"u8);
        if (!isFirst && (controlBlock <= stackPointer || controlBlock >= high)) return false;
        ulong newHigh = isFirst ? high : controlBlock;
        Low = isFirst ? newHigh - GrowthBytes : low;
        High = newHigh;
        return true;
    }

    static int EndOfLine(byte* text, int from, int length)
    {
        for (int i = from; i < length; i++)
            if (text[i] == '\n') return i;
        return -1;
    }

    static ulong ReadHex(byte* text, int length, ref int at)
    {
        ulong value = 0;
        for (; at < length; at++)
        {
            int digit = text[at] - '0';
            if (digit > 9) digit = text[at] - 'a' + 10;
            if (digit is < 0 or > 15) break;
            value = value << 4 | (uint)digit;
        }
        return value;
    }

    static bool EndsWith(byte* text, int length, ReadOnlySpan<byte> end)
    {
        for (int i = 0; i < end.Length; i++)
            if (text[length - end.Length + i] != end[i]) return false;
        return true;
    }
}
