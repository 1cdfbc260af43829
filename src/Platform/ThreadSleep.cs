using System;

namespace Lampyris;

// Whether another thread of this process is asleep in a system call of its own, and so in the middle of no
// function of the heap. Read from /proc: no signal, no effect on the thread.
public static unsafe class ThreadSleep
{
    const int BufferBytes = 2048;

    /// <summary>
    /// True when the thread was seen blocked in a system call, outside of any signal handler: a handler runs with its
    /// signal blocked, so the set of blocked signals would differ from <paramref name="usualSignalMask"/>
    /// (what the thread blocked when its cache was made) and not be empty. False when in doubt.
    /// </summary>
    public static bool IsAsleep(int threadId, ulong usualSignalMask)
    {
        byte* text = stackalloc byte[BufferBytes];
        // "-1 …" is a thread stopped elsewhere than in a call (a page fault, a freezer); "running" is what it says.
        int length = ReadTaskFile(threadId, "/syscall\0"u8, text);
        if (length <= 0 || text[0] < '0' || text[0] > '9') return false;
        // Calls in which a thread says nothing about where it came from: a handler that waits with its signal let
        // through, and a parent whose child runs in its memory.
        long call = 0;
        for (int i = 0; i < length && text[i] is >= (byte)'0' and <= (byte)'9'; i++) call = call * 10 + (text[i] - '0');
        if (call is SyscallNumber.SigSuspend or SyscallNumber.Clone or SyscallNumber.Clone3 or SyscallNumber.VFork) return false;
        length = ReadTaskFile(threadId, "/status\0"u8, text);
        if (!TryReadHex(text, length, "SigBlk:\t"u8, out ulong blocked)) return false;
        return blocked == 0 || blocked == usualSignalMask;
    }

    static int ReadTaskFile(int threadId, ReadOnlySpan<byte> file, byte* into)
    {
        TextLine path = default;
        path.Append("/proc/self/task/"u8);
        path.AppendDecimal(threadId);
        path.Append(file);
        path.CopyTo(into);
        return OsFile.Read(into, into, BufferBytes);
    }

    static bool TryReadHex(byte* text, int length, ReadOnlySpan<byte> label, out ulong value)
    {
        value = 0;
        for (int i = 0; i + label.Length < length; i++)
        {
            int matched = 0;
            while (matched < label.Length && text[i + matched] == label[matched]) matched++;
            if (matched < label.Length) continue;
            for (i += matched; i < length && text[i] != '\n'; i++)
                value = value << 4 | (uint)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
            return true;
        }
        return false;
    }
}
