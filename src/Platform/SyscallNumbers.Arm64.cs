namespace Lampyris;

// Linux system call numbers on AArch64. The project file picks this file or its twin by architecture.
static class SyscallNumber
{
    public const int Read = 63, Write = 64, Close = 57, Mmap = 222, Munmap = 215, SigProcMask = 135,
        SchedYield = 124, Mremap = 216, Madvise = 233, GetPid = 172, GetRlimit = 163, GetParentPid = 173,
        ClockGetTime = 113, PWrite = 68, Truncate = 45, GetCwd = 17, PrCtl = 167, UnlinkAt = 35, ReadLinkAt = 78, FAllocate = 47, RenameAt2 = 276,
        GetTid = 178, Futex = 98, TgKill = 131, OpenAt = 56,
        Membarrier = 283, SigSuspend = 133, Clone = 220, Clone3 = 435, VFork = -1,
        SigTimedWait = 137, PPoll = 73, PSelect = 72, EpollPWait = 22, EpollPWait2 = 441,
        ProcessVmReadV = 270, PRead = 67;
}
