// What the C half of liblampyris shares: the C# half's entry points, the thread's cache pointer, and
// what the C# half calls back. The C half holds only what C# without a runtime can't say: one
// thread-local pointer, the entry points that pass it on, exceptions, process hooks, system calls.
#ifndef LAMPYRIS_NATIVE_H
#define LAMPYRIS_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)

struct ThreadCache;                     // src/Heap/ThreadCache.cs

#pragma GCC visibility push(hidden)     // also to callers: they need no table to find these

// The cache that every thread starts with: its every list is empty, so that the fast path needs no null test.
extern const char lampyris_empty_cache[];

// This thread's cache, as its distance from the empty one: so it is right also while the loader has made the thread's
// storage but not filled it yet, when resolvers of indirect functions already allocate. In initial-exec TLS (a compiler
// option): one load from an address that is known once the library is loaded.
extern __thread ptrdiff_t lampyris_cache_distance;
#define THREAD_CACHE ((struct ThreadCache *)(lampyris_empty_cache + lampyris_cache_distance))

// C#, src/Preload/Exports.*.cs
void *lampyris_malloc(size_t bytes, struct ThreadCache *cache);
void lampyris_free(void *block, struct ThreadCache *cache);              // not null, see give_back
void *lampyris_calloc(size_t count, size_t bytes, struct ThreadCache *cache);
void *lampyris_realloc(void *block, size_t bytes, struct ThreadCache *cache);
void *lampyris_reallocarray(void *block, size_t count, size_t bytes, struct ThreadCache *cache);
void *lampyris_memalign(size_t alignment, size_t bytes, struct ThreadCache *cache);
void *lampyris_aligned_alloc(size_t alignment, size_t bytes, struct ThreadCache *cache);
int lampyris_posix_memalign(void **result, size_t alignment, size_t bytes, struct ThreadCache *cache);
void *lampyris_valloc(size_t bytes, struct ThreadCache *cache);
void *lampyris_pvalloc(size_t bytes, struct ThreadCache *cache);
size_t lampyris_usable_size(void *block, struct ThreadCache *cache);
int lampyris_trim(struct ThreadCache *cache);
int lampyris_mallopt(int option, int value);
void lampyris_mallinfo(int *ten_fields);
void lampyris_mallinfo2(size_t *ten_fields);
void lampyris_print_stats(void *file);
int lampyris_print_xml(int options, void *file);
void lampyris_status_line(char *buffer, size_t bytes);
bool lampyris_profile(bool active, const char *prefix);
void lampyris_heap_starts(void);
void *lampyris_new(size_t bytes, struct ThreadCache *cache);
void *lampyris_try_new_aligned(size_t bytes, size_t alignment, struct ThreadCache *cache);
void lampyris_thread_ends(struct ThreadCache *cache);
void lampyris_before_fork(void);
void lampyris_after_fork_in_parent(void);
void lampyris_after_fork_in_child(struct ThreadCache *cache);
void lampyris_process_ends(void);

// C, called from C#
long lampyris_syscall(long number, long a, long b, long c, long d, long e, long f);
int lampyris_start_thread(void *stack_top, int (*entry)(void *), void *argument);
int lampyris_get_errno(void);
void lampyris_set_errno(int error);
void lampyris_abort(void);
char *lampyris_getenv(const char *name);
void *lampyris_get_root(size_t bytes);
void *lampyris_get_empty_cache(void);
void *lampyris_get_cache(void);
void lampyris_set_cache(void *cache);
void lampyris_thread_started(void *cache, unsigned attachment);
bool lampyris_enter_recorder(void);
void lampyris_exit_recorder(void);
uint64_t *lampyris_known_name(void);
unsigned long lampyris_clock_ns(int clock);
void lampyris_print(void *file, const char *text, size_t bytes);
void *lampyris_new_slow(size_t bytes, struct ThreadCache *cache);
uintptr_t *lampyris_own_stack(void);
uintptr_t lampyris_thread_pointer(void);
void lampyris_own_code(uintptr_t *start, uintptr_t *end);
int lampyris_find_object(uintptr_t address, uintptr_t *object);
int lampyris_can_find_objects(void);
uintptr_t lampyris_program_headers(unsigned long *count);
uintptr_t lampyris_first_link_map(void);
uint64_t lampyris_ticks(void);
void lampyris_registers(uintptr_t *registers);

// C, shared between its files
void *lampyris_new_failed(size_t bytes, size_t alignment, const void *caller);
void *lampyris_null_if_thrown(void *(*function)(size_t bytes, size_t alignment), size_t bytes, size_t alignment);
int lampyris_is_null_if_thrown(const void *address);

#pragma GCC visibility pop

// What free does.
static inline void give_back(void *block)
{
    if (LIKELY(block != NULL)) lampyris_free(block, THREAD_CACHE);
}

#endif
