// What the profiler asks of the C library: a clock, and a few words for each thread.
#include <time.h>
#include "Native.h"

// Set while this thread is inside the recorder: a signal handler that allocates there must not come in again.
static __thread bool s_is_inside;

bool lampyris_enter_recorder(void)
{
    if (s_is_inside) return false;
    s_is_inside = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return true;
}

void lampyris_exit_recorder(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    s_is_inside = false;
}

// src/Platform/KnownName.cs
static __thread uint64_t s_known_name[2];

uint64_t *lampyris_known_name(void) { return s_known_name; }

unsigned long lampyris_clock_ns(int clock)
{
    struct timespec now = { 0, 0 };
    clock_gettime(clock, &now);
    return (unsigned long)now.tv_sec * 1000000000UL + (unsigned long)now.tv_nsec;
}
