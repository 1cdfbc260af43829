// Preloaded as the malloc of a program: glibc's, with a count of the bytes that are live. At the end it writes the most
// that were, "live_peak_bytes N", to the file BENCH_LIVE. Any malloc needs at least that much memory, if the program
// touches all that it asks for. A block counts as multiples of 16, what alignment makes of it anyway; glibc's header of 8
// bytes does not count.
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *block);

static _Atomic long long live, peak;

// What may be asked for at least, of a block with so many usable bytes.
static long long counted(void *block) { return block == NULL ? 0 : (long long)(malloc_usable_size(block) & ~(size_t)15); }

static void *added(void *block)
{
    long long bytes = counted(block);
    long long now = atomic_fetch_add_explicit(&live, bytes, memory_order_relaxed) + bytes;
    long long seen = atomic_load_explicit(&peak, memory_order_relaxed);
    while (now > seen && !atomic_compare_exchange_weak_explicit(&peak, &seen, now, memory_order_relaxed, memory_order_relaxed)) { }
    return block;
}

void *malloc(size_t bytes) { return added(__libc_malloc(bytes)); }

void *calloc(size_t count, size_t bytes) { return added(__libc_calloc(count, bytes)); }

void *memalign(size_t alignment, size_t bytes) { return added(__libc_memalign(alignment, bytes)); }

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    void *made = memalign(alignment, bytes);
    if (made == NULL) return ENOMEM;
    *block = made;
    return 0;
}

void free(void *block)
{
    atomic_fetch_sub_explicit(&live, counted(block), memory_order_relaxed);
    __libc_free(block);
}

void *realloc(void *block, size_t bytes)
{
    long long had = counted(block);
    void *moved = __libc_realloc(block, bytes);
    if (moved == NULL && bytes != 0) return NULL;
    atomic_fetch_sub_explicit(&live, had, memory_order_relaxed);
    return added(moved);
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("BENCH_LIVE");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file == NULL)
    {
        perror(path == NULL ? "BENCH_LIVE" : path);
        _exit(125);
    }
    fprintf(file, "live_peak_bytes %lld\n", (long long)atomic_load(&peak));
    fclose(file);
}
