// The interface between a host and an allocator that comes as a plugin; the 3FS file system's. A plugin is a shared
// library that exports getMemoryAllocator; a host opens it (MEMORY_ALLOCATOR_LIB_PATH names it) and calls that once.
#ifndef LAMPYRIS_MEMORY_ALLOCATOR_H
#define LAMPYRIS_MEMORY_ALLOCATOR_H

#include <cstddef>

class MemoryAllocatorInterface {
public:
    virtual ~MemoryAllocatorInterface() = default;

    // As malloc, free and memalign.
    virtual void *allocate(std::size_t size) = 0;
    virtual void deallocate(void *mem) = 0;
    virtual void *memalign(std::size_t alignment, std::size_t size) = 0;

    // One line of status text, cut to `size`, always terminated.
    virtual void logstatus(char *buf, std::size_t size) = 0;

    // If profiling is on, writes a profile to files that start with `prefix` (null: the one of before); then switches
    // profiling to `active`. False when it can't.
    virtual bool profiling(bool active, const char *prefix) = 0;
};

// Null: the plugin can't serve; the host closes it and goes on with its own malloc.
extern "C" __attribute__((visibility("default"))) MemoryAllocatorInterface *getMemoryAllocator();
using GetMemoryAllocatorFunc = MemoryAllocatorInterface *(*)();

#endif
