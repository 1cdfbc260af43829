// The allocator that was picked: by the variable MEMORY_ALLOCATOR_LIB_PATH, or the C library's malloc.
#ifndef NATIVE_HOST_PLUGIN_H
#define NATIVE_HOST_PLUGIN_H

#include "memory_allocator.h"

namespace plugin {

// The same object from the first call on, whichever thread makes it, to the end of the process.
MemoryAllocatorInterface *chosen();

}

#endif
