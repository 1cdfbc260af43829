using System;
using System.Runtime.InteropServices;

namespace Lampyris.Tests;

// How much of a range the kernel backs by memory.
static unsafe partial class Residency
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int mincore(void* address, nuint bytes, byte* states);

    public static nuint Bytes(byte* address, nuint bytes)
    {
        byte[] states = new byte[bytes / OsMemory.OsPage];
        fixed (byte* into = states)
            if (mincore(address, bytes, into) != 0) throw new InvalidOperationException($"mincore: {Marshal.GetLastPInvokeError()}");
        nuint resident = 0;
        foreach (byte state in states) resident += (nuint)(state & 1) * OsMemory.OsPage;
        return resident;
    }
}
