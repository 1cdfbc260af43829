namespace Lampyris;

// The system's memory in the heap's terms. All sizes and addresses are multiples of `OsPage`.
// A mapping is readable and writable from the start and not counted against swap; the kernel backs
// an OS page by memory when it is first touched, and `Purge` takes that backing away again.
public static unsafe class OsMemory
{
    /// <summary>Bytes of one OS page; the heap is built for 4 KiB ones.</summary>
    public const int OsPage = 4096;

    const int ReadWrite = 3, PrivateAnonymous = 0x22, NoReserve = 0x4000, FixedNoReplace = 0x100000;
    const int MoveMayMove = 1, MoveFixed = 2;
    const int AdviseDontNeed = 4, AdviseNoHugePage = 15, AdviseWipeOnFork = 18, AdvisePopulateWrite = 23;
    const int AddressSpaceLimit = 9;

    /// <summary>Maps <paramref name="bytes"/> of zeros anywhere; null when refused.</summary>
    public static byte* Map(nuint bytes)
    {
        nint result = Mmap(null, bytes, 0);
        return IsError(result) ? null : (byte*)result;
    }

    /// <summary>Maps exactly at <paramref name="address"/>; null when refused or something is there.</summary>
    public static byte* MapAt(byte* address, nuint bytes) => MapAt(address, bytes, out _);

    /// <summary>
    /// Maps <paramref name="bytes"/> at a multiple of <paramref name="alignment"/>, a power of two;
    /// with <paramref name="before"/> bytes (below the alignment) mapped right under it. Null when refused.
    /// The caller's block of address space begins at the result minus <paramref name="before"/>.
    /// </summary>
    public static byte* MapAligned(nuint bytes, nuint alignment, nuint before)
    {
        const int MaxTries = 256;           // more than there are arenas that can stand in the way

        nuint total = bytes + before;
        if (total < bytes || total + alignment < total) return null;
        // Two regions often lie well already, when the kernel puts one under the other.
        byte* got = Map(total);
        if (got == null) return null;
        if (((nuint)got + before & (alignment - 1)) == 0) return got + before;
        Unmap(got, total);
        // The kernel fills address space from the top down, so there is room below what it gives.
        nuint below = Bits.RoundDown((nuint)got + before, alignment) - before;
        for (int tries = 0; tries < MaxTries && below < (nuint)got; tries++, below -= alignment)
        {
            if (MapAt((byte*)below, total, out bool isTaken) != null) return (byte*)below + before;
            if (!isTaken) break;
        }

        // More than wanted for a moment, which a limit on address space may refuse.
        nuint padded = total + alignment;
        got = Map(padded);
        if (got == null) return null;
        byte* start = (byte*)(Bits.RoundUp((nuint)got + before, alignment) - before);
        nuint head = (nuint)(start - got), tail = padded - head - total;
        if (head != 0) Unmap(got, head);
        if (tail != 0) Unmap(start + total, tail);
        return start + before;
    }

    /// <summary>
    /// Gives a range back, address space and all. A kernel that has no room for one more mapping can refuse to cut one
    /// in two: then the memory goes back and the address space is lost.
    /// </summary>
    public static void Unmap(byte* address, nuint bytes)
    {
        if (Syscall.Invoke(SyscallNumber.Munmap, (nint)address, (nint)bytes) != 0) Purge(address, bytes);
    }

    /// <summary>Gives the memory behind the range back; its content reads as zero. False when refused (locked memory).</summary>
    public static bool Purge(byte* address, nuint bytes) =>
        Syscall.Invoke(SyscallNumber.Madvise, (nint)address, (nint)bytes, AdviseDontNeed) == 0;

    /// <summary>
    /// Backs a range by memory at once, which costs less than a page fault for each OS page, and leaves its content. False when the
    /// system has none, or is older than Linux 5.14: the range is touched as it ever was.
    /// </summary>
    public static bool Populate(byte* address, nuint bytes) =>
        Syscall.Invoke(SyscallNumber.Madvise, (nint)address, (nint)bytes, AdvisePopulateWrite) == 0;

    /// <summary>Asks for OS pages of the small size only, so that a purge gives back what it says.</summary>
    public static void AvoidHugePages(byte* address, nuint bytes) =>
        Syscall.Invoke(SyscallNumber.Madvise, (nint)address, (nint)bytes, AdviseNoHugePage);

    /// <summary>Asks that the range be zeros in each process that is forked off. False on kernels before 4.14.</summary>
    public static bool WipeOnFork(byte* address, nuint bytes) =>
        Syscall.Invoke(SyscallNumber.Madvise, (nint)address, (nint)bytes, AdviseWipeOnFork) == 0;

    /// <summary>Grows a mapping where it stands. False when there is no room behind it.</summary>
    public static bool GrowInPlace(byte* address, nuint oldBytes, nuint newBytes) =>
        Syscall.Invoke(SyscallNumber.Mremap, (nint)address, (nint)oldBytes, (nint)newBytes, 0) == (nint)address;

    /// <summary>
    /// Moves a whole mapping with its memory over another one, <paramref name="newBytes"/> long, which it replaces;
    /// the old place is unmapped. False when the kernel refuses: the old place is as it was, the other one is given back.
    /// </summary>
    public static bool MoveMapping(byte* from, nuint oldBytes, byte* to, nuint newBytes)
    {
        if (Syscall.Invoke(SyscallNumber.Mremap, (nint)from, (nint)oldBytes, (nint)newBytes, MoveMayMove | MoveFixed, (nint)to, 0) == (nint)to) return true;
        // The kernel unmaps the target before it looks at everything that can go wrong; by now another thread's mapping may
        // be there. So unmap it only if it is seen to be free, and otherwise give up the address space: nothing was touched.
        if (MapAt(to, newBytes) != null) Unmap(to, newBytes);
        return false;
    }

    /// <summary>Bytes of address space the process may have; the maximum when it is not limited.</summary>
    public static nuint AddressSpaceLimitBytes()
    {
        nuint* limits = stackalloc nuint[2];
        return Syscall.Invoke(SyscallNumber.GetRlimit, AddressSpaceLimit, (nint)limits) == 0 ? limits[0] : nuint.MaxValue;
    }

    static byte* MapAt(byte* address, nuint bytes, out bool isTaken)
    {
        nint result = Mmap(address, bytes, FixedNoReplace);
        isTaken = result == -Syscall.AlreadyExists;
        if (IsError(result)) return null;
        if (result == (nint)address) return address;
        Unmap((byte*)result, bytes);                // a kernel before 4.17 took it for a hint
        isTaken = true;
        return null;
    }

    static nint Mmap(byte* hint, nuint bytes, int flags) =>
        Syscall.Invoke(SyscallNumber.Mmap, (nint)hint, (nint)bytes, ReadWrite, PrivateAnonymous | NoReserve | flags, -1, 0);

    static bool IsError(nint result) => result is < 0 and > -4096;
}
