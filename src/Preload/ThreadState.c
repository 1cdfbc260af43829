// The thread's cache pointer, and how a thread's end is seen: by a pthread key, whose destructor runs
// in the ending thread. Destructors of other keys may run after it and allocate; then the thread gets
// a cache again and the key is set again, so that the C library comes round once more (it does so up
// to PTHREAD_DESTRUCTOR_ITERATIONS times).
#include <pthread.h>
#include "Native.h"

#define DIRECT_SLOTS 66                 // ThreadCache.DirectSlots; Exports.Process.cs checks it
#define BINS_BYTES (2304 + 32)          // ThreadCache.BinsBytes and a closed bin
#define CACHE_BYTES 6656                // ThreadCache.HeaderBytes; both are checked there, too

// A cache that has nothing but bins without blocks. Nobody writes to it.
const struct empty_cache {
    char bins[BINS_BYTES];
    const void *direct[DIRECT_SLOTS];
    char rest[CACHE_BYTES - BINS_BYTES - DIRECT_SLOTS * sizeof(void *)];
} s_empty_cache __asm__("lampyris_empty_cache") __attribute__((aligned(128), visibility("hidden"))) = { .direct = { [0 ... DIRECT_SLOTS - 1] = &s_empty_cache } };

#define EMPTY_CACHE ((struct ThreadCache *)&s_empty_cache)

__thread ptrdiff_t lampyris_cache_distance;

enum { KEY_ABSENT, KEY_IN_THE_MAKING, KEY_READY, KEY_REFUSED };
static int s_key_state;
static pthread_key_t s_key;

void *lampyris_get_empty_cache(void) { return EMPTY_CACHE; }

void *lampyris_get_cache(void) { return THREAD_CACHE; }

void lampyris_set_cache(void *cache) { lampyris_cache_distance = (const char *)cache - lampyris_empty_cache; }

static void thread_ends(void *cache)
{
    lampyris_set_cache(EMPTY_CACHE);       // from here on the cache may be another thread's
    lampyris_thread_ends(cache);
}

// The key is made by whoever comes first: the first thread to allocate, which is long before any
// constructor. Then its number is low and setting it never allocates.
static int key_is_ready(void)
{
    int state = __atomic_load_n(&s_key_state, __ATOMIC_ACQUIRE);
    if (LIKELY(state == KEY_READY)) return 1;
    if (state != KEY_ABSENT) return 0;
    if (!__atomic_compare_exchange_n(&s_key_state, &state, KEY_IN_THE_MAKING, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 0;
    int made = pthread_key_create(&s_key, thread_ends) == 0;
    __atomic_store_n(&s_key_state, made ? KEY_READY : KEY_REFUSED, __ATOMIC_RELEASE);
    return made;
}

// The number of the cache's attachment is for hosts that hear of a thread's end late; here the thread itself tells of it.
void lampyris_thread_started(void *cache, unsigned attachment)
{
    (void)attachment;
    if (key_is_ready()) pthread_setspecific(s_key, cache);
}
