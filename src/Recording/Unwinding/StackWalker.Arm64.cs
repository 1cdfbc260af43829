using System.Runtime.CompilerServices;

namespace Lampyris;

// On arm64 nearly all code keeps a frame record (x29 and the return address) and only those are followed: a function that keeps none, which
// the ABI allows where it calls nothing, is left out together with its caller's line. Signal frames end the walk.
static unsafe partial class StackWalker
{
    const int FramePointer = 29, StackPointer = 31, ReturnAddress = 32;
    const ulong CodeAddressBits = (1UL << 48) - 1;          // above may stand a signature

    [SkipLocalsInit]
    static int Walk(UnwindRegisters* registers, ulong* addresses, int capacity, out bool complete)
    {
        Unsafe.SkipInit(out SafeMemory memory);
        memory.Start();
        OwnStack* own = UnwindHost.OwnStack();
        if (own->Holds(registers->Value[StackPointer])) memory.ReadDirectly(registers->Value[StackPointer], own->High);
        ulong ownCode, ownCodeEnd;
        UnwindHost.OwnCode(&ownCode, &ownCodeEnd);
        if (capacity > MaxDepth) capacity = MaxDepth;

        ulong address = registers->Value[ReturnAddress], frame = registers->Value[FramePointer], last = registers->Value[StackPointer] - 1;
        int count = 0;
        complete = false;
        for (int steps = 0; steps < 2 * MaxDepth; steps++)
        {
            if (count > 0 || address - ownCode >= ownCodeEnd - ownCode)
            {
                if (count == capacity) return count;
                addresses[count++] = address;
            }
            complete = frame == 0;
            if (frame <= last || (frame & 7) != 0) return count;
            last = frame;
            if (!memory.TryRead(frame + 8, out address) || !memory.TryRead(frame, out frame)) return count;
            address &= CodeAddressBits;
            complete = address == 0;
            if (complete) return count;
        }
        return count;
    }
}
