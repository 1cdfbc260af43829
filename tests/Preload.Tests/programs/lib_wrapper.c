// A preloaded library in front of ours, as tracing tools are: it counts and passes on to the next malloc. dlsym itself
// may allocate while the next one is being looked up.
#include "support/expect.h"
#include <dlfcn.h>

static void *(*next_malloc)(size_t);
static void (*next_free)(void *);
static long count;
static char first_bytes[4096];
static size_t first_used;

static void look_up(void)
{
    *(void **)&next_free = dlsym(RTLD_NEXT, "free");
    *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
}

void *malloc(size_t bytes)
{
    static __thread int looking;
    if (next_malloc == NULL)
    {
        if (looking)
        {
            first_used += (bytes + 15) / 16 * 16;
            return first_bytes + first_used - (bytes + 15) / 16 * 16;
        }
        looking = 1;
        look_up();
        looking = 0;
    }
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
    return next_malloc(bytes);
}

void free(void *block)
{
    if ((char *)block >= first_bytes && (char *)block < first_bytes + sizeof first_bytes) return;
    if (next_free == NULL) look_up();
    next_free(block);
}

__attribute__((destructor)) static void ends(void) { say("wrapper passed on %s", count > 10000 ? "all" : "too little"); }
