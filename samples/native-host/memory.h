// The host's memory: every allocation of the program goes through here, to the allocator that was picked when it was
// started. Two switches at build time:
//   OVERRIDE_CXX_NEW_DELETE   new and delete come here as well; without it everything is malloc, and nothing is picked
//   SAVE_ALLOCATE_SIZE        a header before each block remembers its size, so that frees are counted too
#ifndef NATIVE_HOST_MEMORY_H
#define NATIVE_HOST_MEMORY_H

#include <cstddef>
#include <cstdlib>

namespace memory {

#ifdef OVERRIDE_CXX_NEW_DELETE

void *allocate(std::size_t size);
void deallocate(void *mem);
void *memalign(std::size_t alignment, std::size_t size);
void logstatus(char *buf, std::size_t size);
bool profiling(bool active, const char *prefix);
void shutdown();                        // no more profiling, a last status, no more counters; blocks may still come and go

#else

inline void *allocate(std::size_t size) { return std::malloc(size); }
inline void deallocate(void *mem) { std::free(mem); }
inline void *memalign(std::size_t alignment, std::size_t size)
{
    void *block = nullptr;
    return posix_memalign(&block, alignment, size) == 0 ? block : nullptr;
}
void logstatus(char *buf, std::size_t size);
inline bool profiling(bool, const char *) { return false; }
inline void shutdown() { }

#endif

}

#endif
