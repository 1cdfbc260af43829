// From an allocation to the allocator behind it, and new and delete on top.
#include "memory.h"

#include <cstdio>

#ifndef OVERRIDE_CXX_NEW_DELETE

void memory::logstatus(char *buf, std::size_t size)
{
    std::snprintf(buf, size, "C++ new and delete are not overridden");
}

#else

#include <cstdint>
#include <new>
#include "counters.h"
#include "plugin.h"

namespace {

#ifdef SAVE_ALLOCATE_SIZE

// Right before the block. What was allocated begins as far before the block as it had to for the alignment.
struct Header { std::size_t size; void *start; };
static_assert(sizeof(Header) == 16);

void *with_header(void *start, std::size_t before, std::size_t size)
{
    if (start == nullptr) return nullptr;
    auto *block = static_cast<char *>(start) + before;
    reinterpret_cast<Header *>(block)[-1] = { size, start };
    counters::allocated(size);
    return block;
}

#endif

}

void *memory::allocate(std::size_t size)
{
#ifdef SAVE_ALLOCATE_SIZE
    if (size > SIZE_MAX - sizeof(Header)) return nullptr;
    return with_header(plugin::chosen()->allocate(size + sizeof(Header)), sizeof(Header), size);
#else
    void *block = plugin::chosen()->allocate(size);
    if (block != nullptr) counters::allocated(size);
    return block;
#endif
}

void memory::deallocate(void *mem)
{
    if (mem == nullptr) return;
#ifdef SAVE_ALLOCATE_SIZE
    Header header = static_cast<Header *>(mem)[-1];
    counters::deallocated(header.size);
    mem = header.start;
#endif
    plugin::chosen()->deallocate(mem);
}

void *memory::memalign(std::size_t alignment, std::size_t size)
{
#ifdef SAVE_ALLOCATE_SIZE
    if (alignment < sizeof(Header)) alignment = sizeof(Header);
    if (size > SIZE_MAX - alignment) return nullptr;
    return with_header(plugin::chosen()->memalign(alignment, size + alignment), alignment, size);
#else
    void *block = plugin::chosen()->memalign(alignment, size);
    if (block != nullptr) counters::allocated(size);
    return block;
#endif
}

void memory::logstatus(char *buf, std::size_t size) { plugin::chosen()->logstatus(buf, size); }

bool memory::profiling(bool active, const char *prefix) { return plugin::chosen()->profiling(active, prefix); }

void memory::shutdown()
{
    profiling(false, nullptr);
    char status[512];
    logstatus(status, sizeof status);
    std::fprintf(stderr, "memory: at shutdown: %s\n", status);
    counters::stop();
}

namespace {

// What C++ asks of operator new: the handler is called until it has freed enough or there is none.
template <class Allocate> void *or_throw(Allocate allocate)
{
    for (;;) {
        if (void *block = allocate()) return block;
        std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

template <class Allocate> void *or_null(Allocate allocate) noexcept
{
    try {
        return or_throw(allocate);
    } catch (...) {
        return nullptr;
    }
}

}

#define USUAL [=] { return memory::allocate(size); }
#define ALIGNED [=] { return memory::memalign(static_cast<std::size_t>(alignment), size); }

void *operator new(std::size_t size) { return or_throw(USUAL); }
void *operator new[](std::size_t size) { return or_throw(USUAL); }
void *operator new(std::size_t size, const std::nothrow_t &) noexcept { return or_null(USUAL); }
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept { return or_null(USUAL); }
void *operator new(std::size_t size, std::align_val_t alignment) { return or_throw(ALIGNED); }
void *operator new[](std::size_t size, std::align_val_t alignment) { return or_throw(ALIGNED); }
void *operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept { return or_null(ALIGNED); }
void *operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept { return or_null(ALIGNED); }

void operator delete(void *mem) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem) noexcept { memory::deallocate(mem); }
void operator delete(void *mem, std::size_t) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem, std::size_t) noexcept { memory::deallocate(mem); }
void operator delete(void *mem, const std::nothrow_t &) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem, const std::nothrow_t &) noexcept { memory::deallocate(mem); }
void operator delete(void *mem, std::align_val_t) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem, std::align_val_t) noexcept { memory::deallocate(mem); }
void operator delete(void *mem, std::size_t, std::align_val_t) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem, std::size_t, std::align_val_t) noexcept { memory::deallocate(mem); }
void operator delete(void *mem, std::align_val_t, const std::nothrow_t &) noexcept { memory::deallocate(mem); }
void operator delete[](void *mem, std::align_val_t, const std::nothrow_t &) noexcept { memory::deallocate(mem); }

#endif
