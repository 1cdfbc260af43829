// What the profiler asks of the C library: a clock, the loader's list of files, and one mark for each thread.
#include <dlfcn.h>
#include <link.h>
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

unsigned long lampyris_clock_ns(int clock)
{
    struct timespec now = { 0, 0 };
    clock_gettime(clock, &now);
    return (unsigned long)now.tv_sec * 1000000000UL + (unsigned long)now.tv_nsec;
}

#ifdef DLFO_EH_SEGMENT_TYPE
#pragma weak _dl_find_object            // of glibc 2.35 on: it takes no lock

int lampyris_find_object(const void *address, struct LoadedObject *into)
{
    struct dl_find_object found;
    if (!_dl_find_object || _dl_find_object((void *)address, &found)) return 0;
    into->start = found.dlfo_map_start;
    into->end = found.dlfo_map_end;
    into->bias = found.dlfo_link_map->l_addr;
    into->name = found.dlfo_link_map->l_name;
    into->unwind_table = found.dlfo_eh_frame;
    return 1;
}
#else
int lampyris_find_object(const void *address, struct LoadedObject *into)
{
    (void)address, (void)into;
    return 0;
}
#endif
