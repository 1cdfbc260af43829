// A plugin that can't serve. Says when it is closed.
#include "memory_allocator.h"
#include <unistd.h>

extern "C" MemoryAllocatorInterface *getMemoryAllocator() { return nullptr; }

__attribute__((destructor)) static void closed() { (void)!write(2, "closed\n", 7); }
