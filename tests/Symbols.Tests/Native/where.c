/* The return addresses above the caller, by frame pointers: what a managed program can't see of itself. */
#include <stdint.h>

int where(uintptr_t *into, int count)
{
    uintptr_t *frame = __builtin_frame_address(0);
    int found = 0;
    into[found++] = frame[1];
    for (frame = (uintptr_t *)frame[0]; found < count; frame = (uintptr_t *)frame[0]) {
        uintptr_t *here = __builtin_frame_address(0);
        if (frame <= here || frame > here + (1 << 17) || ((uintptr_t)frame & 7) != 0)
            break;
        into[found++] = frame[1];
    }
    return found;
}
