// Opens the plugin at the first allocation, which is long before main. Nothing here may use new: it would come back here.
#include "plugin.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <malloc.h>
#include <mutex>
#include <new>

namespace {

// What the host falls back to.
class SystemAllocator final : public MemoryAllocatorInterface {
public:
    void *allocate(std::size_t size) override { return std::malloc(size); }
    void deallocate(void *mem) override { std::free(mem); }
    void *memalign(std::size_t alignment, std::size_t size) override { return ::memalign(alignment, size); }
    void logstatus(char *buf, std::size_t size) override
    {
        struct mallinfo2 info = mallinfo2();
        std::snprintf(buf, size, "system: allocated %zu, mapped %zu, free %zu", info.uordblks + info.hblkhd, info.arena + info.hblkhd, info.fordblks);
    }
    bool profiling(bool, const char *) override { return false; }
};

// Never destroyed: other static destructors still free.
alignas(SystemAllocator) char s_system[sizeof(SystemAllocator)];
std::atomic<MemoryAllocatorInterface *> s_chosen;
std::once_flag s_once;

MemoryAllocatorInterface *open(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) {
        std::fprintf(stderr, "memory: %s\n", dlerror());
        return nullptr;
    }
    auto entry = reinterpret_cast<GetMemoryAllocatorFunc>(dlsym(library, "getMemoryAllocator"));
    MemoryAllocatorInterface *allocator = entry != nullptr ? entry() : nullptr;
    if (allocator == nullptr) {
        std::fprintf(stderr, entry == nullptr ? "memory: %s has no getMemoryAllocator\n" : "memory: getMemoryAllocator of %s gave nothing\n", path);
        dlclose(library);
        return nullptr;
    }
    char status[512];
    allocator->logstatus(status, sizeof status);
    std::fprintf(stderr, "memory: %s: %s\n", path, status);
    return allocator;
}

void choose()
{
    const char *path = std::getenv("MEMORY_ALLOCATOR_LIB_PATH");
    MemoryAllocatorInterface *allocator = nullptr;
    if (path == nullptr || *path == '\0') std::fprintf(stderr, "memory: MEMORY_ALLOCATOR_LIB_PATH is not set\n");
    else allocator = open(path);
    if (allocator == nullptr) {
        std::fprintf(stderr, "memory: the system's malloc serves\n");
        allocator = new (s_system) SystemAllocator;
    }
    s_chosen.store(allocator, std::memory_order_release);
}

}

MemoryAllocatorInterface *plugin::chosen()
{
    MemoryAllocatorInterface *allocator = s_chosen.load(std::memory_order_acquire);
    if (allocator == nullptr) {
        std::call_once(s_once, choose);
        allocator = s_chosen.load(std::memory_order_acquire);
    }
    return allocator;
}
