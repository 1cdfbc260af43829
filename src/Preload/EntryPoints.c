// The malloc family as programs call it. Each function adds the thread's cache to its arguments and
// jumps to the C# half: no frame, no call. Compiled a second time with LAMPYRIS_WRAP for programs
// linked with `-Wl,--wrap=malloc`, where the same functions are named `__wrap_malloc` and so on.
// cfree is absent on purpose: C libraries have dropped it.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include "Native.h"

#ifdef LAMPYRIS_WRAP
#define ENTRY(name) __wrap_##name
#else
#define ENTRY(name) name
#endif

#pragma GCC diagnostic ignored "-Wmissing-prototypes"   // __wrap_… and C23's names are in no header

EXPORTED void *ENTRY(malloc)(size_t bytes) { return lampyris_malloc(bytes, THREAD_CACHE); }

EXPORTED void ENTRY(free)(void *block) { give_back(block); }

EXPORTED void ENTRY(free_sized)(void *block, size_t bytes)
{
    (void)bytes;
    give_back(block);
}

EXPORTED void ENTRY(free_aligned_sized)(void *block, size_t alignment, size_t bytes)
{
    (void)alignment, (void)bytes;
    give_back(block);
}

EXPORTED void *ENTRY(calloc)(size_t count, size_t bytes) { return lampyris_calloc(count, bytes, THREAD_CACHE); }

EXPORTED void *ENTRY(realloc)(void *block, size_t bytes) { return lampyris_realloc(block, bytes, THREAD_CACHE); }

EXPORTED void *ENTRY(reallocarray)(void *block, size_t count, size_t bytes)
{
    return lampyris_reallocarray(block, count, bytes, THREAD_CACHE);
}

EXPORTED void *ENTRY(memalign)(size_t alignment, size_t bytes) { return lampyris_memalign(alignment, bytes, THREAD_CACHE); }

EXPORTED void *ENTRY(aligned_alloc)(size_t alignment, size_t bytes)
{
    return lampyris_aligned_alloc(alignment, bytes, THREAD_CACHE);
}

EXPORTED int ENTRY(posix_memalign)(void **result, size_t alignment, size_t bytes)
{
    return lampyris_posix_memalign(result, alignment, bytes, THREAD_CACHE);
}

EXPORTED void *ENTRY(valloc)(size_t bytes) { return lampyris_valloc(bytes, THREAD_CACHE); }

EXPORTED void *ENTRY(pvalloc)(size_t bytes) { return lampyris_pvalloc(bytes, THREAD_CACHE); }

EXPORTED size_t ENTRY(malloc_usable_size)(void *block) { return lampyris_usable_size(block, THREAD_CACHE); }

EXPORTED int ENTRY(malloc_trim)(size_t keep_bytes)
{
    (void)keep_bytes;                   // there is no top of a heap to keep
    return lampyris_trim(THREAD_CACHE);
}

EXPORTED int ENTRY(mallopt)(int option, int value) { return lampyris_mallopt(option, value); }

EXPORTED struct mallinfo ENTRY(mallinfo)(void)
{
    struct mallinfo info;
    _Static_assert(sizeof info == 10 * sizeof(int), "ten ints");
    lampyris_mallinfo((int *)&info);
    return info;
}

EXPORTED struct mallinfo2 ENTRY(mallinfo2)(void)
{
    struct mallinfo2 info;
    _Static_assert(sizeof info == 10 * sizeof(size_t), "ten sizes");
    lampyris_mallinfo2((size_t *)&info);
    return info;
}

EXPORTED void ENTRY(malloc_stats)(void) { lampyris_print_stats(stderr); }

EXPORTED int ENTRY(malloc_info)(int options, FILE *file) { return lampyris_print_xml(options, file); }
