// A plugin as somebody else would write it, in C++, with nothing of ours but the header.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include "memory_allocator.h"

namespace {

class Stranger final : public MemoryAllocatorInterface {
public:
    void *allocate(std::size_t size) override { return count(std::malloc(size)); }
    void deallocate(void *mem) override { if (mem != nullptr) _live--; std::free(mem); }
    void *memalign(std::size_t alignment, std::size_t size) override { return count(::memalign(alignment, size)); }
    void logstatus(char *buf, std::size_t size) override { std::snprintf(buf, size, "stranger: live blocks %ld", _live.load()); }
    bool profiling(bool, const char *) override { return false; }
    static void operator delete(void *) { }     // it is in nobody's heap
private:
    std::atomic<long> _live { 0 };
    void *count(void *block) { if (block != nullptr) _live++; return block; }
};

alignas(Stranger) char s_storage[sizeof(Stranger)];

}

extern "C" MemoryAllocatorInterface *getMemoryAllocator()
{
    static MemoryAllocatorInterface *allocator = nullptr;
    if (allocator == nullptr) allocator = ::new (static_cast<void *>(s_storage)) Stranger;
    return allocator;
}
