// What the studies' programs share beyond `workload.h`: clocks, resident memory, sizes skewed to the small ones. They print
// one figure a line, "name value".
#pragma once
#include "../workloads/workload.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { OsPageBytes = 4096 };

static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

// Resident bytes of this process. Allocates nothing.
static inline int64_t resident_bytes(void)
{
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    expect(length > 0, "/proc/self/statm can be read");
    close(file);
    text[length] = 0;
    long long pages;
    expect(sscanf(text, "%*s %lld", &pages) == 1, "/proc/self/statm has two figures");
    return pages * sysconf(_SC_PAGESIZE);
}

// Zeroed memory that no malloc knows of, all of it touched.
static inline void *map_touched(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    expect(memory != MAP_FAILED, "memory for the program's own tables");
    return memory;
}

// From `lowest` to `lowest` doubled `doublings` times: each doubling as likely as the next.
static inline size_t skewed_bytes(uint64_t *random, size_t lowest, uint32_t doublings)
{
    size_t from = lowest << random_below(random, doublings);
    return random_between(random, from, 2 * from);
}
