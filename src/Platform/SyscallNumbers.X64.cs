namespace Lampyris;

// Linux system call numbers on x86-64. The project file picks this file or its twin by architecture.
static class SyscallNumber
{
    public const int Read = 0, Write = 1, Close = 3, Mmap = 9, Munmap = 11, SigProcMask = 14,
        SchedYield = 24, Mremap = 25, Madvise = 28, GetPid = 39, GetRlimit = 97, GetParentPid = 110,
        ClockGetTime = 228, PWrite = 18, Truncate = 76, GetCwd = 79, PrCtl = 157, UnlinkAt = 263, ReadLinkAt = 267, FAllocate = 285, RenameAt2 = 316,
        GetTid = 186, Futex = 202, TgKill = 234, OpenAt = 257,
        Membarrier = 324, SigSuspend = 130, Clone = 56, Clone3 = 435, VFork = 58,
        SigTimedWait = 128, PPoll = 271, PSelect = 270, EpollPWait = 281, EpollPWait2 = 441,
        ProcessVmReadV = 310, PRead = 17;
}
