// Our heap as an allocator that a host picks when it runs, without replacing its malloc: include/memory_allocator.h in
// C's terms, the object and table that a C++ compiler would make. In C because the thread's cache is C's to give;
// each method adds it and jumps, as in EntryPoints.c.
#include "Native.h"

struct Plugin { const void *methods; };

static void destroy(struct Plugin *self) { (void)self; }       // it is nobody's to delete

static void *allocate(struct Plugin *self, size_t bytes) { (void)self; return lampyris_malloc(bytes, THREAD_CACHE); }

static void deallocate(struct Plugin *self, void *block) { (void)self; give_back(block); }

static void *aligned(struct Plugin *self, size_t alignment, size_t bytes)
{
    (void)self;
    return lampyris_memalign(alignment, bytes, THREAD_CACHE);
}

static void logstatus(struct Plugin *self, char *buffer, size_t bytes) { (void)self; lampyris_status_line(buffer, bytes); }

static bool profiling(struct Plugin *self, bool active, const char *prefix)
{
    (void)self;
    return lampyris_profile(active, prefix);
}

// Offset to the top and type information, both none; the complete and the deleting destructor; the methods.
static const void *const s_table[] = { 0, 0, destroy, destroy, allocate, deallocate, aligned, logstatus, profiling };
static struct Plugin s_plugin = { &s_table[2] };

EXPORTED struct Plugin *getMemoryAllocator(void);
struct Plugin *getMemoryAllocator(void) { return &s_plugin; }
