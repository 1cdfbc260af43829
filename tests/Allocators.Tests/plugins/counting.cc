// A plugin that works: the C library's malloc, and a count of everything that is asked of it. No operator new.
#include "memory_allocator.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>

namespace {

int entries;

class Counting final : public MemoryAllocatorInterface {
public:
    void *allocate(std::size_t size) override
    {
        __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&last_size, size, __ATOMIC_RELAXED);
        return size > limit ? nullptr : malloc(size);
    }

    void deallocate(void *mem) override
    {
        __atomic_add_fetch(&frees, 1, __ATOMIC_RELAXED);
        free(mem);
    }

    void *memalign(std::size_t alignment, std::size_t size) override
    {
        __atomic_add_fetch(&aligned, 1, __ATOMIC_RELAXED);
        return ::memalign(alignment, size);
    }

    void logstatus(char *buf, std::size_t size) override
    {
        snprintf(buf, size, "counting: %d entries, %ld allocations, %ld frees, %ld aligned, last %zu bytes, profiling %s, prefix %s", entries, allocations,
                 frees, aligned, last_size, profiles ? "on" : "off", prefix);
    }

    bool profiling(bool active, const char *name) override
    {
        if (name) snprintf(prefix, sizeof prefix, "%s", name);
        profiles = active;
        return strcmp(prefix, "refuse") != 0;
    }

private:
    static constexpr std::size_t limit = std::size_t(1) << 40;

    long allocations = 0, frees = 0, aligned = 0;
    std::size_t last_size = 0;
    bool profiles = false;
    char prefix[64] = "none";
};

// Never destroyed: threads free until the very end.
alignas(Counting) char storage[sizeof(Counting)];

}

inline void *operator new(std::size_t, char (&place)[sizeof(Counting)]) { return place; }

extern "C" MemoryAllocatorInterface *getMemoryAllocator()
{
    entries++;
    return new (storage) Counting;
}
