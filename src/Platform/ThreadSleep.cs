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
        if (TellsNothing(text, length)) return false;
        length = ReadTaskFile(threadId, "/status\0"u8, text);
        if (!TryReadHex(text, length, "SigBlk:\t"u8, out ulong blocked)) return false;
        return blocked == 0 || blocked == usualSignalMask;
    }

    /// <summary>
    /// Whether a thread blocked in this call says nothing about where it came from: those that wait with signals let
    /// through that a handler had blocked; a parent whose child runs in its memory; and the one call that functions of
    /// the heap make half done, in `SpinLock`. That one blocks, too: on its way out the kernel may write to the thread's
    /// memory, and waits to do so while others map, unmap or fork. The text, from /proc, is the call's number, then its
    /// six arguments in hexadecimal.
    /// </summary>
    public static bool TellsNothing(byte* text, int length)
    {
        long call = 0;
        int at = 0;
        for (; at < length && text[at] is >= (byte)'0' and <= (byte)'9'; at++) call = call * 10 + (text[at] - '0');
        if (call is SyscallNumber.SchedYield or SyscallNumber.SigSuspend or SyscallNumber.SigTimedWait or
            SyscallNumber.Clone or SyscallNumber.Clone3 or SyscallNumber.VFork) return true;
        int maskArgument = call switch
        {
            SyscallNumber.PPoll => 4,
            SyscallNumber.EpollPWait or SyscallNumber.EpollPWait2 => 5,
            SyscallNumber.PSelect => 6,
            _ => 0,
        };
        for (int argument = 0; argument < maskArgument; argument++)
        {
            at += 3;                                            // " 0x"
            bool isZero = true;
            for (; at < length && text[at] is not ((byte)' ' or (byte)'\n'); at++) isZero &= text[at] == '0';
            if (argument == maskArgument - 1) return !isZero;
        }
        return false;
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
